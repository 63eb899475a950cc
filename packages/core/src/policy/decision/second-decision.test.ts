import { describe, expect, it } from 'vitest'
import type { BundlePolicy, PolicySetContent } from '../../protocol/bundle.js'
import { type ApplicationFields, withApplication } from '../fields/complete-record.js'
import type { Fields } from '../fields/fields.js'
import { demandOf } from '../set/demand.js'
import {
  action,
  content,
  entity,
  equals,
  mitigationId,
  policy,
  policySet,
  program,
} from '../testing/build-policy-set.js'
import { type Match, matchEvent } from './match.js'
import { walk } from './walk.js'

const ENTRY: Fields = { request_path: '/buy', client_ip: '203.0.113.7' }
const WINDOW = { seconds: 60, threshold: 3 }
const ENTITIES = [entity('ip', ['client_ip']), entity('user', ['user_id']), entity('both', ['client_ip', 'user_id'])]
const redact = (value: string) => `hash of ${value}`

const idsOf = ({ matched }: Match) => matched.map(({ policy: { policy: each } }) => each.policy_id)

function twice(parts: Partial<PolicySetContent>, said: ApplicationFields, entry = ENTRY) {
  const whole = { entity_definitions: ENTITIES, ...parts }
  const set = policySet(whole)
  const first = matchEvent(set, entry, { atRequest: true, expectsMore: true })
  const fields = withApplication(entry, said, { demand: demandOf(content(whole)), redact })
  const second = matchEvent(set, fields, { atRequest: true })
  return {
    set,
    first,
    second,
    fields,
    at: idsOf(first),
    deferred: first.deferred.map(({ policy: each }) => each.policy_id),
    after: idsOf(second),
  }
}

describe('the second decision for an event', () => {
  const table: readonly [
    says: string,
    one: Partial<BundlePolicy>,
    said: ApplicationFields,
    at: boolean,
    then: boolean,
  ][] = [
    ['leaves alone what reads the request only', { program: equals('request_path', '/buy') }, {}, true, true],
    ['decides what reads the user', { program: equals('user_id', 'ann') }, { user_id: 'ann' }, false, true],
    ['takes a number for its digits', { program: equals('user_id', '7') }, { user_id: 7 }, false, true],
    [
      'decides what reads a label',
      { program: equals('labels.plan', 'free') },
      { labels: { plan: 'free' } },
      false,
      true,
    ],
    [
      'decides what is so because there is no user',
      { program: program('call', 'not', ['call', 'exists', ['path', 'user_id']]) },
      {},
      false,
      true,
    ],
    ['decides what has the user in its entity', { entity_definition_id: 'user' }, { user_id: 'ann' }, false, true],
    [
      'decides what has the user beside the address, though the address is known',
      { entity_definition_id: 'both' },
      {},
      false,
      true,
    ],
    ['leaves an entity that does not apply', { entity_definition_id: 'user' }, {}, false, false],
    [
      'decides what counts different users',
      { window: { ...WINDOW, distinct: 'user_id' } },
      { user_id: 'ann' },
      false,
      true,
    ],
    [
      'decides what asks for an action that reads the user',
      { action_ids: ['act_own'] },
      { user_id: 'ann' },
      false,
      true,
    ],
    [
      'decides what asks for its name',
      { program: program('in', ['lit', 'own'], ['path', 'actions']) },
      { user_id: 'ann' },
      false,
      true,
    ],
    [
      'leaves alone what asks for another name',
      { program: program('in', ['lit', 'buy'], ['path', 'actions']) },
      {},
      true,
      true,
    ],
  ]
  const actions = [action('own', equals('user_id', 'ann')), action('buy', equals('request_path', '/buy'))]
  it.each(table)('%s', (_says, one, said, at, after) => {
    const decided = twice({ actions, policies: [policy('p', one)] }, said)
    expect([decided.at, decided.deferred, decided.after]).toEqual([
      at ? ['p'] : [],
      at ? [] : ['p'],
      after ? ['p'] : [],
    ])
  })

  it('is not needed for what the application has said at entry', () => {
    const policies = [
      policy('u', { program: equals('user_id', 'ann') }),
      policy('l', { program: equals('labels.plan', 'free') }),
    ]
    const { at, deferred, after } = twice({ policies }, { labels: { plan: 'free' } }, { ...ENTRY, user_id: 'ann' })
    expect([at, deferred, after]).toEqual([['u'], ['l'], ['l', 'u']])
  })

  it('counts each window once, whichever time it was decided', () => {
    const policies = [
      policy('a', { entity_definition_id: 'ip', window: WINDOW }),
      policy('b', { entity_definition_id: 'user', window: WINDOW }),
      policy('c', { entity_definition_id: 'both', window: WINDOW }),
    ]
    const { first, second } = twice({ policies }, { user_id: 'ann' })
    const counted = first.contributions.map(({ windowId }) => windowId)
    const added = second.contributions.filter(({ windowId }) => !counted.includes(windowId))
    expect(first.contributions.map(({ entity: one }) => one?.text)).toEqual(['[["client_ip","203.0.113.7"]]'])
    expect(added.map(({ entity: one }) => one?.text)).toEqual([
      '[["user_id","ann"]]',
      '[["client_ip","203.0.113.7"],["user_id","ann"]]',
    ])
  })

  it('is the first time anybody asks who holds an entity that was not known', () => {
    const mitigation = { mitigation_id: mitigationId('Block', 'entity') }
    const policies = [
      policy('a', { entity_definition_id: 'ip', program: equals('labels.x', 1), ...mitigation }),
      policy('b', { entity_definition_id: 'both', ...mitigation }),
    ]
    const { set, first, second } = twice({ policies }, { user_id: 'ann' })
    const asked = (match: Match) => {
      const found: string[] = []
      walk(set, match, {
        at: 0,
        monitor: false,
        countOf: () => undefined,
        activeMitigation: ({ policy: one }, tuple) => {
          found.push(`${one.policy_id} ${tuple?.text}`)
          return undefined
        },
        cleared: () => false,
      })
      return found
    }
    expect(asked(first)).toEqual(['a [["client_ip","203.0.113.7"]]'])
    expect(asked(second)).toEqual([
      'a [["client_ip","203.0.113.7"]]',
      'b [["client_ip","203.0.113.7"],["user_id","ann"]]',
    ])
  })
})

describe('a record completed by the application', () => {
  const demand = { ...content({}).demand, labels: ['plan', 'api_token', 'tier'] }
  const completed = (fields: Fields, said: ApplicationFields) => ({
    ...withApplication(fields, said, { demand, redact }),
  })

  it('keeps what it was decided with', () => {
    const before = { user_id: 'ann', labels: { plan: 'free' } }
    const said = { user_id: 'bob', labels: { plan: 'paid', tier: 2 } }
    expect(completed(before, said)).toEqual({ user_id: 'ann', labels: { plan: 'free', tier: 2 } })
    expect(before).toEqual({ user_id: 'ann', labels: { plan: 'free' } })
  })

  it('takes the labels that are demanded, credentials as hashes', () => {
    const said = { labels: { plan: 'free', other: 1, api_token: 'secret', tier: undefined } }
    expect(completed({}, said)).toEqual({ labels: { plan: 'free', api_token: 'hash:hash of secret' } })
  })

  it('takes nothing from what is no such thing', () => {
    const odd: ApplicationFields = JSON.parse('{"user_id": {"$gt": ""}, "labels": ["plan"]}')
    expect(completed({ client_ip: '192.0.2.1' }, odd)).toEqual({ client_ip: '192.0.2.1' })
  })
})
