import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fields, FieldValue } from '../fields/fields.js'
import { entity, policy, policySet } from '../testing/build-policy-set.js'
import { entityKey, entityText } from './entity.js'
import { matchEvent } from './match.js'

interface Case {
  readonly name: string
  readonly key_fields: readonly string[]
  readonly groups: readonly (readonly Fields[])[]
  readonly text: string | null
}

const vectors: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../../../vectors/policy/entity-keys.json', import.meta.url), 'utf8'),
)

describe('entity keys', () => {
  for (const { name, key_fields: keyFields, groups, text } of vectors.cases) {
    it(name, () => {
      const set = policySet({
        entity_definitions: [entity('e', keyFields)],
        policies: [policy('p', { entity_definition_id: 'e' })],
      })
      const texts = groups.map((events) => events.map((fields) => matchEvent(set, fields).matched[0]?.entity?.text))
      expect(texts[0]?.[0] ?? null).toBe(text)
      for (const group of texts) expect(new Set(group).size).toBe(1)
      expect(new Set(texts.map(([first]) => first)).size).toBe(groups.length)
    })
  }

  it('never give two different tuples one text', { timeout: 60_000 }, () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('[', '"', ',', '\\', ']]', '"],["b"', '{"sha256":"x"}'),
    )
    const tuple = fc.tuple(value, value)
    const pairs = ([a, b]: readonly [FieldValue, FieldValue]) => [['a', a] as const, ['b', b] as const]
    const same = (one: FieldValue, other: FieldValue) =>
      typeof one === 'string' && typeof other === 'string'
        ? one.normalize('NFC') === other.normalize('NFC')
        : one === other
    fc.assert(
      fc.property(tuple, tuple, (one, other) => {
        const equal = same(one[0], other[0]) && same(one[1], other[1])
        expect(entityText(pairs(one)) === entityText(pairs(other))).toBe(equal)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps long values short and apart', () => {
    const long = (end: string) => entityText([['user_id', 'x'.repeat(8_000) + end]])
    expect(long('a').length).toBeLessThan(100)
    expect(long('a')).not.toBe(long('b'))
    expect(long('a')).not.toBe(entityText([['user_id', null]]))
  })

  it('are the MAC of the text, or * for a whole policy', () => {
    const mac = (text: string) => createHmac('sha256', 'key').update(text).digest('base64url')
    const tuple = { definitionId: 'e', pairs: [], text: '[["client_ip","203.0.113.7"]]' }
    expect(entityKey(mac, tuple)).toBe(mac('[["client_ip","203.0.113.7"]]'))
    expect(entityKey(mac, undefined)).toBe('*')
  })
})
