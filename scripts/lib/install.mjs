import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readStamp, writeStamp } from './fingerprint.mjs'
import { say } from './progress.mjs'
import { root } from './root.mjs'
import { run } from './run.mjs'

const OLDEST_NODE = [20, 19]

/** Ends the process, saying why, on a Node that is too old. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  process.stderr.write(
    `Esper needs Node ${OLDEST_NODE.join('.')} or later; this is ${process.versions.node} (${process.execPath}).\n`,
  )
  process.exit(1)
}

/** `npm ci`, when node_modules is missing or was not made from this lockfile. */
export async function installIfNeeded() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const installed = existsSync(join(root, 'node_modules', '.package-lock.json'))
  if (installed && (readStamp('install') === lock || matchesLock())) {
    writeStamp('install', lock)
    return
  }
  say('installing packages (npm ci)')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { code } = await run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  if (code !== 0) process.exit(code)
  writeStamp('install', lock)
}

/** Whether what is installed has the versions of the lockfile, as npm itself noted them. */
function matchesLock() {
  const wanted = packagesOf('package-lock.json')
  const present = packagesOf('node_modules/.package-lock.json')
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (!path.startsWith('node_modules/') || optional || link) return true
    return present[path]?.version === version
  })
}

function packagesOf(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8')).packages
}
