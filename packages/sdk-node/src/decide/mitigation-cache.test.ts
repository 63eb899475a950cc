import type { MitigationDelta } from '@esper/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpiryHeap } from './expiry-heap.js'
import { MitigationCache } from './mitigation-cache.js'

const NOW = 1_700_000_000_000
const upsert = (policyId: string, entityKey: string, sequence: number, expiresAt = NOW + 60_000): MitigationDelta => ({
  kind: 'upsert',
  mitigation: {
    active_mitigation_id: `act_${sequence}`,
    policy_id: policyId,
    mitigation_id: 'mit',
    counting_scope: 'tenant',
    entity_key: entityKey,
    since: NOW,
    expires_at: expiresAt,
    sequence,
  },
})
const remove = (policyId: string, entityKey: string, sequence: number): MitigationDelta => ({
  kind: 'remove',
  removal: {
    active_mitigation_id: 'act',
    policy_id: policyId,
    counting_scope: 'tenant',
    entity_key: entityKey,
    sequence,
  },
})

function cache(max = 1_000): MitigationCache {
  const made = new MitigationCache(max)
  made.follow({ isBlock: (id) => id.startsWith('block'), holds: () => true }, NOW)
  return made
}

describe('mitigation cache', () => {
  it('keeps a blocked entity through 200,000 challenged ones, in bounded memory', { timeout: 30_000 }, () => {
    const held = cache(10_000)
    held.apply(upsert('block', 'victim', 1), NOW)
    for (let n = 0; n < 200_000; n += 1) held.hold('challenge', `e${n}`, { at: NOW, durationMs: 60_000 })
    expect(held.get('block', 'victim', NOW)).toBeDefined()
    expect(held.counts()).toEqual({ blocks: 1, others: 10_000, blocks_evicted: 0 })
  })

  it('lets the block go that expires soonest, and counts it', () => {
    const held = cache(3)
    for (const [key, seconds] of [
      ['a', 50],
      ['b', 10],
      ['c', 40],
      ['d', 60],
    ] as const) {
      held.apply(upsert('block', key, 1, NOW + seconds * 1000), NOW)
    }
    expect(['a', 'b', 'c', 'd'].filter((key) => held.get('block', key, NOW) !== undefined)).toEqual(['a', 'c', 'd'])
    expect(held.counts().blocks_evicted).toBe(1)
  })

  it('holds nobody past the time', () => {
    const held = cache()
    held.apply(upsert('block', 'a', 1, NOW + 1_000), NOW)
    expect(held.get('block', 'a', NOW + 999)).toBeDefined()
    expect(held.get('block', 'a', NOW + 1_000)).toBeUndefined()
    expect(held.holdsAny('block')).toBe(false)
  })

  it('does not believe ten years', () => {
    const held = cache()
    held.apply(upsert('block', 'a', 1, NOW + 10 * 365 * 86_400_000), NOW)
    expect(held.get('block', 'a', NOW)?.expiresAt).toBe(NOW + 31 * 86_400_000)
  })

  it('ignores what is older than what it knows', () => {
    const held = cache()
    held.apply(upsert('block', 'a', 5), NOW)
    held.apply(upsert('block', 'a', 4, NOW + 1), NOW)
    held.apply(remove('block', 'a', 4), NOW)
    expect(held.get('block', 'a', NOW)).toMatchObject({ sequence: 5, expiresAt: NOW + 60_000 })
    held.apply(remove('block', 'a', 6), NOW)
    expect(held.get('block', 'a', NOW)).toBeUndefined()
  })

  it('replaces a provisional one by the word of the broker, never the other way round', () => {
    const held = cache()
    held.hold('block', 'a', { at: NOW, durationMs: 90_000 })
    expect(held.get('block', 'a', NOW)).not.toHaveProperty('activeMitigationId')
    held.apply(upsert('block', 'a', 1), NOW)
    held.hold('block', 'a', { at: NOW, durationMs: 500_000 })
    expect(held.get('block', 'a', NOW)).toMatchObject({ activeMitigationId: 'act_1', expiresAt: NOW + 60_000 })
    held.hold('block', 'b', { at: NOW, durationMs: 1 })
    held.apply(remove('block', 'b', 2), NOW)
    expect(held.get('block', 'b', NOW)).toBeUndefined()
  })

  it('takes over a whole state and keeps only what is provisional beside it', () => {
    const held = cache()
    held.apply(upsert('block', 'old', 1), NOW)
    held.hold('block', 'mine', { at: NOW, durationMs: 1_000 })
    held.replace([upsert('block', 'new', 9)], NOW)
    expect(['old', 'mine', 'new'].filter((key) => held.get('block', key, NOW) !== undefined)).toEqual(['mine', 'new'])
  })

  it('follows a new bundle: what no policy holds goes, what became a block moves', () => {
    const held = cache()
    held.apply(upsert('challenge', 'a', 1), NOW)
    held.apply(upsert('gone', 'a', 2), NOW)
    held.follow({ isBlock: () => true, holds: (id) => id !== 'gone' }, NOW)
    expect(held.counts()).toMatchObject({ blocks: 1, others: 0 })
    expect([held.holdsAny('challenge'), held.holdsAny('gone')]).toEqual([true, false])
  })

  it('keeps its counts by policy true whatever is done', () => {
    const step = fc.tuple(
      fc.constantFrom('block1', 'block2', 'challenge'),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: -2, max: 9 }),
    )
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const held = cache(4)
        steps.forEach(([policyId, entity, seconds], n) => {
          if (seconds === -2) held.apply(remove(policyId, `e${entity}`, n), NOW)
          else held.apply(upsert(policyId, `e${entity}`, n, NOW + seconds * 1_000), NOW)
          expect(held.counts().blocks).toBeLessThanOrEqual(4)
          expect(held.counts().others).toBeLessThanOrEqual(4)
        })
        for (const policyId of ['block1', 'block2', 'challenge']) {
          const any = Array.from({ length: 10 }, (_, e) => held.get(policyId, `e${e}`, NOW)).some(
            (each) => each !== undefined,
          )
          expect(held.holdsAny(policyId)).toBe(any)
        }
      }),
    )
  })
})

describe('expiry heap', () => {
  it('gives back what it was given, soonest first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (times) => {
        const heap = new ExpiryHeap()
        times.forEach((time, n) => {
          heap.push(String(n), time)
        })
        const popped: number[] = []
        for (let item = heap.pop(); item !== undefined; item = heap.pop()) popped.push(item.expiresAt)
        expect(popped).toEqual([...times].sort((a, b) => a - b))
      }),
    )
  })
})
