import { createHash } from 'node:crypto'

/** What an entry's hash covers: everything in it, and through `previous_hash` every entry before it. */
export interface ChainedEntry {
  readonly sequence: number
  readonly previous_hash: string
  readonly hash: string
  readonly [field: string]: unknown
}

/** `previous_hash` of the first entry of a chain. */
export const CHAIN_START = '0'.repeat(64)

/** SHA-256 over the entry without its own hash, as JSON with sorted names: the order in which a database answers is its own. */
export function hashEntry(entry: Omit<ChainedEntry, 'hash'>): string {
  const { hash: _own, ...rest } = { hash: undefined, ...entry }
  return createHash('sha256').update(sortedJson(rest)).digest('hex')
}

export type ChainProblem = {
  readonly sequence: number
  readonly problem: 'altered' | 'missing' | 'unlinked'
}

/** The first break of a chain given in order from its start, or undefined when it is whole. */
export function findBreak(entries: readonly ChainedEntry[]): ChainProblem | undefined {
  let previous = CHAIN_START
  for (const [index, entry] of entries.entries()) {
    const sequence = index + 1
    if (entry.sequence !== sequence) return { sequence, problem: 'missing' }
    if (entry.previous_hash !== previous) return { sequence, problem: 'unlinked' }
    if (hashEntry(entry) !== entry.hash) return { sequence, problem: 'altered' }
    previous = entry.hash
  }
  return undefined
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_name, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    return Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)))
  })
}
