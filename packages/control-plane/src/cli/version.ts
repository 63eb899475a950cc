import { readFileSync } from 'node:fs'

/** Of the package this file is part of, built (dist/) or not (src/cli/). */
export const VERSION = readVersion(['../package.json', '../../package.json'])

function readVersion(places: readonly string[]): string {
  for (const place of places) {
    try {
      const content: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'))
      if (typeof content === 'object' && content !== null && 'version' in content) return String(content.version)
    } catch {
      // The next place is right then.
    }
  }
  return 'unknown'
}
