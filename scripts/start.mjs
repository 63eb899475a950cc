import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { build } from './lib/build.mjs'
import { installIfNeeded, requireNode } from './lib/install.mjs'
import { say } from './lib/progress.mjs'
import { root } from './lib/root.mjs'

requireNode()
await installIfNeeded()
try {
  await build()
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
say('starting')
const program = join(root, 'packages/control-plane/dist/cli/main.js')
const child = spawn(process.execPath, [program, 'dev', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
// Ctrl-C in a terminal reaches the child by itself; a signal sent to us alone has to be passed on.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
child.once('exit', (code, signal) => process.exit(signal === null ? code : 1))
