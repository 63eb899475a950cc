import { type EntityTuple, type Fields, matchEvent, NO_DEMAND, prepareExpression, preparePolicySet } from '@esper/core'
import { describe, expect, it } from 'vitest'
import { lowerExpression } from '../../expressions/index.js'
import { entityExpression } from './entity-expression.js'

const KEY_FIELDS = ['client_ip', 'user_agent', 'body.account.id', 'headers.x-flow', 'cookies.session']
const set = preparePolicySet({
  ...{ format: 1, tenant_id: 'ten_a', revision: 1, enforcement: 'on', clear_cookies: [], demand: NO_DEMAND },
  ...{ actions: [], mitigations: [] },
  entity_definitions: [{ entity_definition_id: 'ent', name: 'who', priority: 1, key_fields: KEY_FIELDS }],
  policies: [
    {
      ...{ policy_id: 'pol', name: 'all', revision: 1, priority: 1, action_ids: [], entity_definition_id: 'ent' },
      program: { version: 1, root: ['lit', true] },
    },
  ],
})

const HASH = 'h'.repeat(43)
const BASE: Fields = { client_ip: '203.0.113.7', user_agent: 'curl/8 "quoted" \\ and\nmore', trust_level: 'Internal' }
/** Requests that differ from each other in one thing each, some of them in nothing that tells entities apart. */
const REQUESTS: readonly Fields[] = [
  BASE,
  { ...BASE, request_path: '/elsewhere' },
  { ...BASE, client_ip: '203.0.113.8' },
  { ...BASE, client_ip: '2001:db8::1' },
  { ...BASE, client_ip: '2001:db8::ffff:1' },
  { ...BASE, client_ip: '2001:db8:0:1::1' },
  { ...BASE, user_agent: '' },
  { client_ip: '203.0.113.7', trust_level: 'Internal' },
  { ...BASE, body: { account: { id: 42 } } },
  { ...BASE, body: { account: { id: '42' } } },
  { ...BASE, body: { account: { id: true } } },
  { ...BASE, body: { account: { id: ['a', 'b'] } } },
  { ...BASE, body: { account: { id: ['b', 'a'] } } },
  { ...BASE, headers: { 'x-flow': 'checkout' } },
  { ...BASE, cookies: { session: HASH } },
  { ...BASE, cookies: { session: 'g'.repeat(43) } },
]

function entityOf(fields: Fields): EntityTuple {
  const entity = matchEvent(set, fields).matched[0]?.entity
  if (entity === undefined) throw new Error('no entity')
  return entity
}

function expressionOf({ pairs }: EntityTuple, counting_scope: 'tenant' | `source:${string}` = 'tenant'): string {
  const entity = pairs.map(([field]) => [field, ''] as const)
  const said = entityExpression({ counting_scope, entity, entity_values: JSON.stringify(pairs) })
  if (!said.ok) throw new Error(said.reason)
  return said.expression
}

function holds(expression: string, fields: Fields): boolean {
  const lowered = lowerExpression(expression, { kind: 'exemption' })
  if (!lowered.ok) throw new Error(`${expression}: ${lowered.errors[0]?.message}`)
  const prepared = prepareExpression(lowered.program)
  return prepared.ok && prepared.expression.holds(fields)
}

describe('the expression of an entity', () => {
  it('is true for its requests and for nobody else', () => {
    let same = 0
    for (const held of REQUESTS) {
      const expression = expressionOf(entityOf(held))
      for (const other of REQUESTS) {
        const isSame = entityOf(held).text === entityOf(other).text
        if (isSame) same += 1
        expect({ expression, other, holds: holds(expression, other) }).toEqual({ expression, other, holds: isSame })
      }
    }
    expect(same).toBeGreaterThan(REQUESTS.length)
  })

  it('keeps to the counting scope the entity was held in', () => {
    const ofTenant = expressionOf(entityOf(BASE))
    expect(holds(ofTenant, BASE)).toBe(true)
    expect(holds(ofTenant, { ...BASE, trust_level: 'External' })).toBe(false)
    const ofPartner = expressionOf(entityOf(BASE), 'source:partner')
    expect(holds(ofPartner, { ...BASE, source_id: 'partner' })).toBe(true)
    expect(holds(ofPartner, { ...BASE, source_id: 'other' })).toBe(false)
  })

  it.each([
    ['everybody', {}, 'whole_policy'],
    ['an entity of which only the readable part is known', { entity: [['user_agent', 'x']] }, 'not_expressible'],
    [
      'an object',
      { entity: [['body.a', '{}']], entity_values: JSON.stringify([['body.a', { b: 1 }]]) },
      'not_expressible',
    ],
    [
      'a list with an object in it',
      { entity: [['body.a', '[]']], entity_values: JSON.stringify([['body.a', [{ b: 1 }]]]) },
      'not_expressible',
    ],
    [
      'very long text',
      { entity: [['user_agent', 'x']], entity_values: JSON.stringify([['user_agent', 'é'.repeat(2_100)]]) },
      'not_expressible',
    ],
  ] as const)('of %s there is none', (_what, held, reason) => {
    expect(entityExpression({ counting_scope: 'tenant', ...held })).toEqual({ ok: false, reason })
  })
})
