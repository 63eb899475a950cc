import { readFileSync } from 'node:fs'
import {
  demandOf,
  type Fields,
  listPart,
  matchEvent,
  type PolicySetContent,
  type Program,
  prepareList,
  preparePolicySet,
  WindowCounter,
  walk,
} from '@esper/core'
import { describe, expect, it } from 'vitest'
import { actionCreate } from '../server/actions/schema.js'
import { entityDefinitionCreate } from '../server/entity-definitions/schema.js'
import { listCreate } from '../server/lists/schema.js'
import { mitigationCreate } from '../server/mitigations/schema.js'
import { policyCreate } from '../server/policies/schema.js'
import { lowerExpression } from './lower-expression.js'

const guide = readFileSync(new URL('../../../../docs/expressions.md', import.meta.url), 'utf8')
const [, section = ''] = /## From a question to a policy\n([\s\S]*?)\n## /.exec(guide) ?? []
const [action, list, entity, mitigation, policy] = [...section.matchAll(/```json\n([\s\S]*?)```/g)].map(
  ([, text = '']): unknown => JSON.parse(text),
)

/** What the server makes of the example's resources. */
function exampleContent(): PolicySetContent {
  const { expression, window, ...saved } = policyCreate.parse(policy)
  const { name, duration_seconds, mode, scope, fail_mode } = mitigationCreate.parse(mitigation)
  const ids = {
    entity_definition_id: saved.entity_definition_id ?? '',
    mitigation_id: saved.mitigation_id ?? '',
  }
  const { seconds = 0, threshold = 0 } = window ?? {}
  const content = {
    actions: [{ action_id: 'act_login', name: 'login', program: programOf(actionCreate.parse(action).expression) }],
    entity_definitions: [
      { ...ids, name: 'client address', priority: 100, key_fields: entityDefinitionCreate.parse(entity).key_fields },
    ],
    policies: [
      {
        ...{ policy_id: 'pol_datacenters', name: saved.name, revision: 1, priority: saved.priority, action_ids: [] },
        ...{ ...ids, program: programOf(expression), window: { seconds, threshold } },
      },
    ],
  }
  return {
    ...{ format: 1, tenant_id: 'ten_a', revision: 1, enforcement: 'on', clear_cookies: [], demand: demandOf(content) },
    mitigations: [{ ...ids, name, duration_seconds, mode, scope, fail_mode }],
    ...content,
  }
}

function programOf(expression: string): Program {
  const lists = new Map([[listCreate.parse(list).name, 'lst_datacenters']])
  const lowered = lowerExpression(expression, { lists })
  if (!lowered.ok) throw new Error(lowered.errors[0]?.message)
  expect(lowered.warnings).toEqual([])
  return lowered.program
}

describe('the worked example of docs/expressions.md', () => {
  const contents = prepareList(listPart(listCreate.parse(list).entries.map(({ value }) => ({ value }))))
  const set = preparePolicySet(exampleContent(), () => contents)

  /** The number of the request, of ten in a minute, from which on the policy is enforced. */
  function enforcedFrom(fields: Fields, apartMs = 1_000): number | undefined {
    const windows = new WindowCounter({ seed: [1, 2] })
    for (let request = 1; request <= 10; request++) {
      const at = 1_700_000_000_000 + request * apartMs
      const match = matchEvent(set, { observed_at: at, ...fields })
      const counts = new Map(match.contributions.map((one) => [one.windowId, windows.hit(one, at)]))
      const verdict = walk(set, match, {
        at,
        monitor: false,
        countOf: ({ windowId }) => counts.get(windowId),
        activeMitigation: () => undefined,
        cleared: () => false,
      })
      if (verdict.enforced) return request
    }
    return undefined
  }

  const LOGIN: Fields = { request_method: 'POST', request_path: '/login', client_ip: '198.51.100.7' }

  it('blocks from the sixth login in a minute on', () => {
    expect(enforcedFrom(LOGIN)).toBe(6)
    expect(enforcedFrom({ ...LOGIN, client_ip: '2001:db8:4::7' })).toBe(6)
  })

  it('blocks nobody else', () => {
    expect(enforcedFrom(LOGIN, 20_000)).toBe(undefined)
    expect(enforcedFrom({ ...LOGIN, client_ip: '203.0.113.7' })).toBe(undefined)
    expect(enforcedFrom({ ...LOGIN, user_id: 'usr_1' })).toBe(undefined)
    expect(enforcedFrom({ ...LOGIN, request_method: 'GET' })).toBe(undefined)
  })

  it('shows the expression that the policy has', () => {
    const [, shown = ''] = /The policy's expression:\n\n```jsonata\n([\s\S]*?)```/.exec(section) ?? []
    expect(shown.replaceAll(/\s+/g, ' ').trim()).toBe(policyCreate.parse(policy).expression)
  })
})
