import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './lib/build.mjs'
import { installIfNeeded, requireNode } from './lib/install.mjs'
import { say } from './lib/progress.mjs'
import { root } from './lib/root.mjs'
import { runTool } from './lib/run.mjs'
import { summarize } from './lib/test-summary.mjs'

requireNode()
await installIfNeeded()
try {
  await build()
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  console.log('0 passed, 1 failed')
  process.exit(1)
}

const report = join(root, '.esper', 'test-report.json')
rmSync(report, { force: true })
say('running the tests')
const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)]
const { code } = await runTool('vitest', args, { env: { ...process.env, NODE_OPTIONS: '' } })

const summary = summarize(readReport(), root)
for (const line of summary.lines) console.log(line)
const failed = summary.failed === 0 && code !== 0 ? 1 : summary.failed
console.log(`${summary.passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return undefined
  }
}
