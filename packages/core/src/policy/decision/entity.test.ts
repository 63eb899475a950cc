import { createHmac } from 'node:crypto'
import { readVectors } from '@esper/testkit/vectors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RequestEncoder, type RequestInput } from '../fields/encode.js'
import type { Fields, FieldValue } from '../fields/fields.js'
import { demandOf } from '../set/demand.js'
import { entity, policy, policySet } from '../testing/build-policy-set.js'
import { entityKey, entityText } from './entity.js'
import { matchEvent } from './match.js'

interface Case<Sent> {
  readonly name: string
  readonly key_fields: readonly string[]
  readonly groups: readonly (readonly Sent[])[]
}

interface Vectors {
  readonly cases: readonly (Case<Fields> & { readonly text: string | null })[]
  readonly definitions: readonly {
    readonly name: string
    readonly event: Fields
    readonly key_fields: readonly (readonly string[])[]
  }[]
  readonly requests: readonly Case<SentRequest>[]
}

const vectors = readVectors<Vectors>('policy/entity-keys')

function textOf(keyFields: readonly string[], fields: Fields): string | undefined {
  const set = policySet({
    entity_definitions: [entity('e', keyFields)],
    policies: [policy('p', { entity_definition_id: 'e' })],
  })
  return matchEvent(set, fields).matched[0]?.entity?.text
}

/** A request as vectors have it: headers in pairs. */
type SentRequest = Omit<RequestInput, 'headers'> & { readonly headers: readonly (readonly [string, string])[] }

/** Encodes requests one after another, as a process does. */
function encoderFor(keyFields: readonly string[]): (request: SentRequest) => Fields {
  const entity_definitions = [entity('e', keyFields)]
  const encoder = new RequestEncoder({
    demand: demandOf({ actions: [], entity_definitions, policies: [] }),
    ...{ clearCookies: [], sourceId: 'web', trustLevel: 'Internal' },
    redact: (value) => `hash of ${value}`,
  })
  return (request) => encoder.encode({ ...request, headers: request.headers.flat() }, 0)
}

/** Events of one group are one entity, those of different groups are different ones. */
function expectGroups(texts: readonly (readonly (string | undefined)[])[]): void {
  for (const group of texts) expect(new Set(group).size).toBe(1)
  expect(new Set(texts.map(([first]) => first)).size).toBe(texts.length)
}

describe('entity keys', () => {
  it.each(vectors.cases)('$name', ({ key_fields: keyFields, groups, text }) => {
    const texts = groups.map((events) => events.map((fields) => textOf(keyFields, fields)))
    expect(texts[0]?.[0] ?? null).toBe(text)
    expectGroups(texts)
  })

  it.each(vectors.definitions)('$name', ({ event, key_fields: definitions }) => {
    expectGroups(definitions.map((keyFields) => [textOf(keyFields, event)]))
  })

  describe('of requests are not changed by', () => {
    it.each(vectors.requests)('$name', ({ key_fields: keyFields, groups }) => {
      const encode = encoderFor(keyFields)
      const texts = groups.map((requests) => requests.map((request) => textOf(keyFields, encode(request))))
      expect(texts.flat()).not.toContain(undefined)
      expectGroups(texts)
    })
  })

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
