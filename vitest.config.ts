import { defineConfig } from 'vitest/config'

const conditions = ['source', 'module', 'node', 'import', 'default']
// Node gets these as --conditions, for `require` as well: with `import` or `module` among them CommonJS would get ESM.
const nodeConditions = ['source', 'node', 'default']
const resolve = { conditions }
const ssr = { resolve: { conditions: nodeConditions, externalConditions: nodeConditions } }
/** What a global set-up file is loaded with. */
const environments = { __vitest__: { resolve: { conditions: nodeConditions, externalConditions: nodeConditions } } }
const databaseSetup = ['scripts/test/database-setup.ts']

/**
 * `unit` needs nothing; `console` has a DOM; `database` shares one server and gives each file a database of its own;
 * `product` runs the built product.
 */
export default defineConfig({
  resolve,
  ssr,
  test: {
    projects: [
      {
        resolve,
        ssr,
        environments,
        test: {
          name: 'unit',
          include: ['packages/{core,sdk-node,control-plane,console,testkit}/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: ['**/*.db.test.ts', '**/*.product.test.ts', '**/*.dom.test.ts', '**/node_modules/**'],
        },
      },
      {
        resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
        oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
        test: {
          name: 'console',
          environment: 'happy-dom',
          include: ['packages/console/src/**/*.dom.test.{ts,tsx}'],
          testTimeout: 15_000,
        },
      },
      {
        resolve,
        ssr,
        environments,
        test: {
          name: 'database',
          include: ['packages/*/src/**/*.db.test.ts'],
          globalSetup: databaseSetup,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr,
        environments,
        test: {
          name: 'product',
          include: [
            'tests/**/*.product.test.ts',
            '{packages,examples}/*/src/**/*.product.test.ts',
            'scripts/**/*.product.test.ts',
          ],
          globalSetup: databaseSetup,
          fileParallelism: false,
          // After everything else: real processes and a browser want the machine for themselves.
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
})
