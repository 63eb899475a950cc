import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createBacklog } from './backlog.js'
import { createBatchSeal } from './seal.js'

const [k0, k1] = [
  { id: 'k0', key: randomBytes(32) },
  { id: 'k1', key: randomBytes(32) },
]
const context = { tenantId: 'ten_1', aad: 'ten_1:b:shop' }
const plain = Buffer.from('what was sent')

describe('a sealed batch', () => {
  test('opens under its key, also when another encrypts by now', () => {
    const sealed = createBatchSeal([k0]).seal(plain, context)
    const rotated = createBatchSeal([k1, k0])
    expect(rotated.open(sealed, context)).toEqual(plain)
    expect(rotated.seal(plain, context).kekId).toBe('k1')
    expect(() => createBatchSeal([k1]).open(sealed, context)).toThrow('k0 is not configured')
  })

  test('never has the same bytes twice, nor any of the text', () => {
    const seal = createBatchSeal([k0])
    const [one, other] = [seal.seal(plain, context), seal.seal(plain, context)]
    expect(one.sealed.equals(other.sealed)).toBe(false)
    expect(one.sealed.includes('sent')).toBe(false)
  })

  test('opens nowhere else, changed nowhere, cut nowhere', () => {
    const seal = createBatchSeal([k0])
    const { kekId, sealed } = seal.seal(plain, context)
    expect(() => seal.open({ kekId, sealed }, { ...context, tenantId: 'ten_2' })).toThrow()
    expect(() => seal.open({ kekId, sealed }, { ...context, aad: 'ten_1:c:shop' })).toThrow()
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => seal.open({ kekId, sealed: changed }, context)).toThrow()
    }
    for (const length of [0, 12, 27, sealed.length - 12, sealed.length - 1]) {
      expect(() => seal.open({ kekId, sealed: sealed.subarray(0, length) }, context)).toThrow()
    }
  })
})

describe('the backlog', () => {
  test('has room until it is full, and for no tenant more than its share', () => {
    const backlog = createBacklog({ maxBatches: 10, maxBytes: 1_000, tenantShare: 0.5 })
    for (let batch = 0; batch < 5; batch += 1) backlog.add('flood', 10)
    expect(backlog.hasRoom('flood', 10)).toBe(false)
    expect(backlog.hasRoom('other', 10)).toBe(true)
    expect(backlog.hasRoom('other', 501)).toBe(false)
    for (let batch = 0; batch < 5; batch += 1) backlog.add(`t${batch}`, 10)
    expect(backlog.hasRoom('new', 1)).toBe(false)
    backlog.set([{ tenantId: 'flood', batches: 1, bytes: 10 }])
    expect(backlog.total()).toEqual({ batches: 1, bytes: 10 })
    expect(backlog.hasRoom('flood', 10)).toBe(true)
  })
})
