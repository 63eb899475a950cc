import { run } from './lib/run.mjs'

// Writes the tables of the documentation that follow from code; --check only compares.
const { code } = await run(process.execPath, [
  ...['--conditions=source', '--import', 'tsx', 'scripts/docs/write-docs.ts'],
  ...process.argv.slice(2),
])
process.exit(code)
