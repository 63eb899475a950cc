import type { EventLine, Fields, SdkDecision } from '@esper/core'
import { useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll } from 'vitest'
import type { PolicyCounts } from '../../contract/mitigation.js'
import { type Pipeline, startPipeline } from '../../pipeline-testing/pipeline.js'
import {
  partsOf,
  policyContent,
  type TestExemption,
  type TestLists,
  type TestPolicy,
} from '../../pipeline-testing/policy-content.js'

export const LOGIN = 'request_path = "/login"'
export const login: TestPolicy = {
  policy_id: 'pol_login',
  expression: LOGIN,
  entity_definition_id: 'ent_ip',
  mitigation_id: 'mit_block',
  window: { seconds: 60, threshold: 3 },
}

export interface EventMore {
  readonly path?: string
  readonly ip?: string
  readonly decision?: SdkDecision
  readonly fields?: Fields
}

export interface EngineHarness {
  readonly pipeline: Pipeline
  newId(prefix: string): string
  /** A tenant with these policies in force at a revision. */
  tenantWith(
    policies: readonly TestPolicy[],
    more?: { revision?: number; tenantId?: string; exemptions?: readonly TestExemption[]; lists?: TestLists },
  ): string
  /** An event at so many seconds after the clock's time. */
  event(seconds: number, more?: EventMore): EventLine
  results(tenantId: string): Promise<{
    readonly counters: Readonly<Record<string, number>>
    of(policyId: string): PolicyCounts | undefined
  }>
  /** What every event came to, in the order of time: `policy:outcome` and what else there is to say. */
  verdicts(tenantId: string): Promise<string[]>
}

/** The brokers and the parts of an engine for the tests of this file, on a clock that they turn. */
export function useEngine(): EngineHarness {
  const database = useDatabase({ name: 'engine' })
  let started: Pipeline | undefined
  beforeAll(async () => {
    const pipeline = await startPipeline(database)
    started = pipeline
    await waitUntil(() => pipeline.policies.connected)
  })
  afterAll(() => started?.close())
  const running = () => {
    if (started === undefined) throw new Error('the pipeline is there once the tests run')
    return started
  }
  let ids = 0
  const newId = (prefix: string) => {
    ids += 1
    return `${prefix}_${ids}`
  }
  return {
    get pipeline() {
      return running()
    },
    newId,
    tenantWith: (policies, { revision = 1, tenantId = newId('ten'), exemptions, lists } = {}) => {
      const content = policyContent({ tenantId, revision, policies, exemptions, lists })
      running().policyServer.publish(content, partsOf(lists))
      return tenantId
    },
    event: (seconds, { path = '/login', ip = '192.0.2.1', decision, fields = {} } = {}) => ({
      event_id: newId('ev'),
      observed_at: running().clock.now() + seconds * 1_000,
      fields: { request_method: 'POST', request_path: path, client_ip: ip, user_agent: 'curl/8', ...fields },
      ...(decision === undefined ? {} : { decision }),
    }),
    results: (tenantId) => resultsOf(running(), tenantId),
    verdicts: (tenantId) => verdictsOf(running(), tenantId),
  }
}

async function resultsOf({ clock, mitigation }: Pipeline, tenantId: string) {
  const now = clock.now()
  const span = { from: now - 86_400_000, to: now + 86_400_000 }
  const { items, counters } = await mitigation.policyResults({ tenantId, ...span })
  const policies = new Map(items.map((item): [string, PolicyCounts] => [item.policy_id, item]))
  return { counters, of: (policyId: string) => policies.get(policyId) }
}

async function verdictsOf({ mitigation }: Pipeline, tenantId: string): Promise<string[]> {
  const { items } = await mitigation.decisions({ tenantId, limit: 500 })
  return [...items]
    .sort((a, b) => a.observed_at - b.observed_at || (a.policy_id < b.policy_id ? -1 : 1))
    .map((one) => {
      const flags = (['enforced', 'cleared', 'shadowed'] as const).filter((flag) => one[flag])
      const n = one.n === undefined ? [] : [`n${one.n}`]
      const exempt = one.exemption_id === undefined ? [] : [`exempt by ${one.exemption_id}`]
      return [one.policy_id, one.outcome, one.origin, ...n, ...flags, ...exempt].join(' ')
    })
}
