const SERVICES = '(?:server|ingestion-broker|mitigation-broker|engine)'
const SHARED = '(?:config|runtime|http|database|observability|contract|clients|expressions|batch-format|lines|support)'
const CONTROL_PLANE = '^packages/control-plane/src'
const TESTS =
  '\\.(?:test|db\\.test|dom\\.test|product\\.test)\\.tsx?$|/(?:test|testing|pipeline-testing|test-support)/|/testing\\.ts$'

/** Nothing outside of `allowedPath` imports the npm package `name`. */
function onlyUnder(name, allowedPath, why) {
  return {
    name: `${name.replace('/', '-')}-in-its-place`,
    comment: why,
    severity: 'error',
    from: { path: '^(?:packages|examples)/', pathNot: [allowedPath, TESTS, '^examples/', '^packages/testkit/'] },
    to: { path: `(?:^|/)node_modules/${name}(?:/|$)` },
  }
}

/** The arrows of the house: who may know whom. */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one thought in two places.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-dead-ends',
      comment: 'An import has to resolve.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'core-stands-alone',
      comment: 'core runs anywhere: it imports @noble/hashes and re2js and nothing else.',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: TESTS },
      to: { pathNot: ['^packages/core/src/', '(?:^|/)node_modules/(?:@noble/hashes|re2js)/'] },
    },
    {
      name: 'sdk-imports-core-only',
      comment: 'An application that installs the SDK gets core and no part of the control plane.',
      severity: 'error',
      from: { path: '^packages/sdk-node/src/', pathNot: TESTS },
      to: { path: '^packages/(?!sdk-node/|core/)' },
    },
    {
      name: 'control-plane-imports-core-only',
      comment: 'The control plane shares core with the SDKs, not their insides.',
      severity: 'error',
      from: { path: `${CONTROL_PLANE}/`, pathNot: TESTS },
      to: { path: '^packages/(?!control-plane/|core/)' },
    },
    {
      name: 'services-do-not-know-each-other',
      comment: 'Services are processes: they speak HTTP, through the contract and the clients.',
      severity: 'error',
      from: { path: `${CONTROL_PLANE}/(${SERVICES})/`, pathNot: TESTS },
      to: { path: `${CONTROL_PLANE}/`, pathNot: [`${CONTROL_PLANE}/$1/`, `${CONTROL_PLANE}/${SHARED}/`] },
    },
    {
      name: 'shared-knows-no-service',
      comment: 'What services share cannot know one of them.',
      severity: 'error',
      // The operator API's types are inferred from the schemas that validate it: one source, and types only.
      from: { path: `${CONTROL_PLANE}/${SHARED}/`, pathNot: [TESTS, `${CONTROL_PLANE}/contract/operator\\.ts$`] },
      to: { path: `${CONTROL_PLANE}/`, pathNot: `${CONTROL_PLANE}/${SHARED}/` },
    },
    {
      name: 'console-imports-contract-types-only',
      comment: 'The console knows the shapes on the wire; no code of the server gets into a browser.',
      severity: 'error',
      from: { path: '^packages/console/src/', pathNot: TESTS },
      to: { path: '^packages/(?!console/)', pathNot: `${CONTROL_PLANE}/contract/|^packages/core/src/` },
    },
    {
      name: 'console-imports-types-at-most',
      comment: 'Of other packages the console takes types.',
      severity: 'error',
      from: { path: '^packages/console/src/', pathNot: TESTS },
      to: { path: '^packages/(?!console/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-relative-path-into-another-package',
      comment: 'A package is imported by its name.',
      severity: 'error',
      from: { path: '^(packages|examples)/([^/]+)/' },
      to: { path: '^(?:packages|examples)/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    },
    {
      name: 'testkit-in-tests-only',
      comment: 'What is published does not know the test kit.',
      severity: 'error',
      from: { path: '^packages/(?!testkit/)', pathNot: TESTS },
      to: { path: '^packages/testkit/' },
    },
    onlyUnder(
      'express',
      `${CONTROL_PLANE}/http/|${CONTROL_PLANE}/.*(?:^|[/-])routes?\\.ts$|^packages/sdk-node/src/(?:express\\.ts|adapters/)`,
      'HTTP ends in route files; what stands behind them can be called by anything.',
    ),
    onlyUnder(
      'mongoose',
      `${CONTROL_PLANE}/database/|${CONTROL_PLANE}/.*(?:^|[/-])store\\.ts$`,
      'Only stores know the database.',
    ),
    onlyUnder('jsonata', `${CONTROL_PLANE}/expressions/`, 'One place parses what tenants write; nothing evaluates it.'),
    onlyUnder(
      'undici',
      `/deliver/|${CONTROL_PLANE}/clients/`,
      'Requests go out through the delivery of the SDK and the clients of the services.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(?:^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
    },
  },
}
