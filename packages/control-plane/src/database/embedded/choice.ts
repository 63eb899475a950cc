import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EMBEDDED_SOURCES, type EmbeddedSource } from './source.js'

const FILE = 'database.json'

/** The source of an earlier start: the data is in its format, and what was tried before it need not be tried again. */
export function readChoice(home: string): EmbeddedSource | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(join(home, FILE), 'utf8'))
    if (typeof content !== 'object' || content === null || !('source' in content)) return undefined
    return EMBEDDED_SOURCES.find((source) => source === content.source)
  } catch {
    return undefined
  }
}

export function writeChoice(home: string, source: EmbeddedSource): void {
  writeFileSync(join(home, FILE), `${JSON.stringify({ source })}\n`)
}
