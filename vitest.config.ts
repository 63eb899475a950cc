import { defineConfig } from 'vitest/config'

const conditions = ['source', 'module', 'node', 'import', 'default']
const resolve = { conditions }
const ssr = { resolve: { conditions, externalConditions: conditions } }

/** `unit` needs nothing; `database` shares one server and gives each file a database of its own; `product` runs the built product. */
export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: ['packages/{core,sdk-node,control-plane,testkit}/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: ['**/*.db.test.ts', '**/*.product.test.ts', '**/node_modules/**'],
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'database',
          include: ['packages/**/src/**/*.db.test.ts'],
          globalSetup: ['scripts/test/database-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'product',
          include: ['{packages,examples,scripts}/**/*.product.test.ts'],
          globalSetup: ['scripts/test/database-setup.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
})
