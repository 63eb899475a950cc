import { preparePolicySet } from '@esper/core'
import { policyIdAt, policySetOf, policyVectors } from '@esper/testkit/vectors'
import { expect, test } from 'vitest'
import { type ClaimEvent, ScopeContext } from './claim-events.js'
import { MemoryEngine } from './testing/memory-engine.js'

const AT = 1_700_000_000_000
const context = new ScopeContext('tenant', { entity: Buffer.alloc(32, 1), redaction: Buffer.alloc(32, 2) })

test('policies match in the engine the records for which their expressions hold', () => {
  const vectors = policyVectors()
  const content = policySetOf(vectors)
  const latest = { set: preparePolicySet(content), demand: content.demand }
  const cases = vectors.flatMap(({ expression, answers }, place) =>
    answers.map((answer) => ({ ...answer, expression, policyId: policyIdAt(place) })),
  )
  for (const { expression, policyId, record, holds } of cases) {
    const engine = new MemoryEngine('ten_a', { latest, byRevision: new Map([[1, latest]]) })
    const event: ClaimEvent = {
      ...{ tenantId: 'ten_a', sourceId: 'web', context, at: AT, fields: record, capturedRevision: 1 },
      event: { event_id: 'ev_1', observed_at: AT, fields: record, decision: { revision: 1, enforced: false } },
      captured: undefined,
    }
    const { decisions } = engine.claim([event], AT)
    const isMatched = decisions.some((decision) => decision.policy_id === policyId)
    expect([expression, record, isMatched]).toEqual([expression, record, holds])
  }
})
