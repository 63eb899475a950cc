import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { unwrapKey, wrapKey } from './key-wrap.js'

const older = { id: 'k1', key: randomBytes(32) }
const newer = { id: 'k2', key: randomBytes(32) }
const context = 'ten_a|key_a|1|esper/ingest-signing/v1'
const plain = randomBytes(32)

describe('a wrapped key', () => {
  it('opens again for the row and purpose it was made for', () => {
    const wrapped = wrapKey([older], plain, context)
    expect(unwrapKey([older], wrapped, context)).toEqual(plain)
  })

  it('is wrapped by the first master key and opens by any', () => {
    const before = wrapKey([older], plain, context)
    const after = wrapKey([newer, older], plain, context)
    expect(after.kek_id).toBe('k2')
    expect(unwrapKey([newer, older], before, context)).toEqual(plain)
    expect(unwrapKey([newer, older], after, context)).toEqual(plain)
  })

  it('does not open in another row, or for another purpose', () => {
    const wrapped = wrapKey([older], plain, context)
    expect(() => unwrapKey([older], wrapped, 'ten_b|key_a|1|esper/ingest-signing/v1')).toThrow()
    expect(() => unwrapKey([older], wrapped, 'ten_a|key_a|1|esper/stream-mac/v1')).toThrow()
  })

  it('does not open with a tag cut short', () => {
    const wrapped = wrapKey([older], plain, context)
    const short = Buffer.from(wrapped.tag, 'base64url').subarray(0, 4).toString('base64url')
    expect(() => unwrapKey([older], { ...wrapped, tag: short }, context)).toThrow(/tag/i)
  })

  it('says which master key is missing', () => {
    const wrapped = wrapKey([older], plain, context)
    expect(() => unwrapKey([newer], wrapped, context)).toThrow('"k1"')
  })

  it('never looks the same twice', () => {
    expect(wrapKey([older], plain, context).ct).not.toBe(wrapKey([older], plain, context).ct)
  })
})
