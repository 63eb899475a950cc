import { build } from './lib/build.mjs'
import { installIfNeeded, requireNode } from './lib/install.mjs'
import { say } from './lib/progress.mjs'

requireNode()
await installIfNeeded()
try {
  const built = await build()
  say(built.length === 0 ? 'everything was built already' : `built ${built.join(', ')}`)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
