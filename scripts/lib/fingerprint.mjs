import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './root.mjs'

/** A hash over names and contents of files and folders; tests do not count. */
export function fingerprint(paths) {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0])
  for (const path of paths)
    for (const file of filesIn(join(root, path))) hash.update(file).update('\0').update(readFileSync(file))
  return hash.digest('hex')
}

function filesIn(path) {
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !/^(?:node_modules|dist)$|\.test\.tsx?$/.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesIn(join(path, entry.name)))
}

/** What was kept of an earlier run under this name. */
export function readStamp(name) {
  const path = stampPath(name)
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined
}

export function writeStamp(name, value) {
  const path = stampPath(name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${value}\n`)
}

function stampPath(name) {
  return join(root, '.esper', 'stamps', name)
}
