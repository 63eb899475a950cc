import { run, runTool } from './run.mjs'

const CAPTURE = { capture: true }

/** A check succeeds with code 0; what it writes is shown when it does not. */
function tool(name, args) {
  return () => runTool(name, args, CAPTURE)
}

const types = (project) => ({ name: `types ${project}`, run: tool('tsc', ['-p', project]) })

/** Every check of the house. Long ones first, so that none of them is left for the end. */
export const CHECKS = [
  { name: 'unused code (knip)', run: tool('knip', ['--no-progress']) },
  {
    name: 'arrows (dependency-cruiser)',
    run: tool('depcruise', ['packages', 'examples', 'tests', '--config', '.dependency-cruiser.cjs']),
  },
  types('packages/control-plane'),
  types('packages/console'),
  types('packages/sdk-node'),
  types('packages/core'),
  types('packages/core/tsconfig.test.json'),
  types('packages/testkit'),
  types('tests'),
  types('scripts'),
  { name: 'format and lint (biome)', run: tool('biome', ['check', '--error-on-warnings', '.']) },
  ...['core', 'sdk-node', 'control-plane'].map((name) => ({
    name: `package ${name} (publint)`,
    run: tool('publint', ['--strict', `packages/${name}`]),
  })),
  ...['core', 'sdk-node'].map((name) => ({
    name: `package ${name} (attw)`,
    // `testing` exists in the sources alone, for the documents and the benchmarks.
    run: tool('attw', ['--pack', `packages/${name}`, '--profile', 'node16', '--exclude-entrypoints', './testing']),
  })),
  { name: 'sizes (size-limit)', run: tool('size-limit', []) },
  { name: 'generated documents', run: () => run(process.execPath, ['scripts/docs.mjs', '--check'], CAPTURE) },
]
