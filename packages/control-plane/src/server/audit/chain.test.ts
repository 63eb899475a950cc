import { describe, expect, it } from 'vitest'
import { CHAIN_START, type ChainedEntry, findBreak, hashEntry } from './chain.js'
import { maskForAudit } from './mask.js'

function chainOf(count: number): ChainedEntry[] {
  const entries: ChainedEntry[] = []
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const entry = {
      sequence,
      previous_hash: entries.at(-1)?.hash ?? CHAIN_START,
      action: 'policy.update',
      after: { name: `policy ${sequence}`, enabled: true },
    }
    entries.push({ ...entry, hash: hashEntry(entry) })
  }
  return entries
}

describe('the audit chain', () => {
  it('is whole when nothing was touched', () => {
    expect(findBreak(chainOf(5))).toBeUndefined()
    expect(findBreak([])).toBeUndefined()
  })

  it('does not depend on the order of names in an entry', () => {
    const [entry] = chainOf(1)
    const turned = Object.fromEntries(Object.entries(entry ?? {}).reverse())
    expect(hashEntry({ sequence: 1, previous_hash: CHAIN_START, ...turned })).toBe(entry?.hash)
  })

  it('shows an altered entry', () => {
    const entries = chainOf(4).map((entry) =>
      entry.sequence === 2 ? { ...entry, after: { name: 'other', enabled: true } } : entry,
    )
    expect(findBreak(entries)).toEqual({ sequence: 2, problem: 'altered' })
  })

  it('shows an altered entry whose hash was made anew', () => {
    const entries = chainOf(4).map((entry) => {
      if (entry.sequence !== 2) return entry
      const altered = { ...entry, action: 'policy.create' }
      return { ...altered, hash: hashEntry(altered) }
    })
    expect(findBreak(entries)).toEqual({ sequence: 3, problem: 'unlinked' })
  })

  it('shows a missing entry', () => {
    expect(findBreak(chainOf(4).filter((entry) => entry.sequence !== 3))).toEqual({ sequence: 3, problem: 'missing' })
  })
})

describe('masking for the audit log', () => {
  it('masks what is named like a secret at any depth and keeps the rest', () => {
    const masked = maskForAudit({
      name: 'key',
      secret: 'esk_very_secret',
      versions: [{ version: 1, wrapped_keys: { a: 1 }, created_at: new Date(0) }],
      session_token: null,
    })
    expect(masked).toEqual({
      name: 'key',
      secret: '[masked]',
      versions: [{ version: 1, wrapped_keys: '[masked]', created_at: '1970-01-01T00:00:00.000Z' }],
      session_token: null,
    })
  })
})
