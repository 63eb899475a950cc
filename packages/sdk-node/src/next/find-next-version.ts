import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Version of the Next.js that this application runs on, or undefined when it is not found where it is started from. */
export function findNextVersion(from: string = process.cwd()): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    try {
      const found: unknown = JSON.parse(readFileSync(join(folder, 'node_modules', 'next', 'package.json'), 'utf8'))
      const version: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, 'version') : undefined
      return typeof version === 'string' ? version : undefined
    } catch {
      if (dirname(folder) === folder) return undefined
    }
  }
}
