import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from './lib/build.mjs'
import { installIfNeeded, requireNode } from './lib/install.mjs'
import { say } from './lib/progress.mjs'
import { root } from './lib/root.mjs'

const PARENT_CHECK_MS = 500

requireNode()
process.chdir(root)
await installIfNeeded()
try {
  await build()
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
say('starting')
stopWithNpm()
// In this process, so that a signal reaches one process that answers it, whoever sends it.
const program = join(root, 'packages/control-plane/dist/cli/main.js')
process.argv = [process.execPath, program, 'dev', ...process.argv.slice(2)]
await import(pathToFileURL(program).href)

/** npm passes a signal on to a shell between us, which may die of it and leave us: then we stop, too. */
function stopWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM')
  }, PARENT_CHECK_MS).unref()
}
