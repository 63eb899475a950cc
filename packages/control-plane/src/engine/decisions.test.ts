import { entityText, NO_DEMAND, preparePolicySet, type SdkDecision } from '@esper/core'
import {
  capturedIn,
  DecisionVectorFile,
  saidOf,
  type VectorCase,
  type VectorEvent,
  vectorTime,
} from '@esper/testkit/vectors'
import { describe, expect, test } from 'vitest'
import type { StoredMitigation } from '../contract/mitigation.js'
import { lowerExpression } from '../expressions/index.js'
import { type ClaimEvent, ScopeContext } from './claim-events.js'
import { MemoryEngine } from './testing/memory-engine.js'

const file = new DecisionVectorFile()
const context = new ScopeContext('tenant', { entity: Buffer.alloc(32, 1), redaction: Buffer.alloc(32, 2) })

test('the programs of the cases are what their expressions become', () => {
  for (const [source, root] of Object.entries(file.vectors.programs)) {
    expect(lowerExpression(source)).toMatchObject({ ok: true, program: { version: 1, root } })
  }
})

function engineOf(vector: VectorCase): MemoryEngine {
  const content = file.contentOf(vector)
  const latest = { set: preparePolicySet(content), demand: content.demand }
  return new MemoryEngine('ten_a', { latest, byRevision: new Map([[1, latest]]) })
}

/** What the broker holds at a time, and knows by then of its ends. */
function heldAt({ held = [] }: VectorCase, seconds: number): readonly StoredMitigation[] {
  const known = held.filter(({ from }) => from <= seconds)
  return known.map(({ policy_id, entity, from, until, ended = Infinity, not_before }, index) => ({
    ...{ active_mitigation_id: `am_${index}`, policy_id, mitigation_id: policy_id, tenant_id: 'ten_a' },
    ...{ counting_scope: 'tenant', since: vectorTime(from), expires_at: vectorTime(until), sequence: index + 1 },
    entity_key: context.keyOf(
      entity === null ? undefined : { definitionId: '', pairs: entity, text: entityText(entity) },
    ),
    ...(ended > seconds ? {} : { ended_at: vectorTime(ended) }),
    ...(ended > seconds || not_before === undefined ? {} : { not_before: vectorTime(not_before) }),
  }))
}

function claimed(event: VectorEvent, index: number): ClaimEvent {
  const fields = file.fieldsOf(event)
  const at = vectorTime(event.at)
  const captured = capturedIn(event)
  const decision: SdkDecision = { revision: 1, enforced: false, ...(event.cleared && { cleared: event.cleared }) }
  return {
    ...{ tenantId: 'ten_a', sourceId: 'web', context, at, fields, capturedRevision: 1 },
    event: { event_id: `ev_${index}`, observed_at: at, fields, decision },
    captured: captured && { ...NO_DEMAND, ...captured },
  }
}

/** What was said of an event, in walk order. */
function said(engineSays: ReturnType<MemoryEngine['claim']>['decisions'], eventId: string) {
  return engineSays.filter((each) => each.event_id === eventId).map((each) => saidOf(each, each.policy_id))
}

for (const { part, rule, cases } of file.partsFor('engine')) {
  describe(`${part}: ${rule}`, () => {
    test.each(cases)('$name', (vector) => {
      const engine = engineOf(vector)
      for (const [index, event] of vector.events.entries()) {
        engine.learn(heldAt(vector, event.at))
        const { decisions, matched, counters } = engine.claim([claimed(event, index)], vectorTime(event.at))
        expect(said(decisions, `ev_${index}`)).toEqual(event.says ?? [])
        const notCaptured = matched.filter((each) => each.not_captured > 0).map((each) => each.policy_id)
        expect(notCaptured).toEqual(event.not_captured ?? [])
        const exempt = counters.filter(({ name }) => name.startsWith('exempt:')).map(({ name }) => name.slice(7))
        expect(exempt).toEqual(event.exempt === undefined ? [] : [event.exempt])
        expect(new Set(decisions.map((each) => each.exemption_id))).toEqual(
          new Set(decisions.length === 0 ? [] : [event.exempt]),
        )
      }
    })

    // Within a claim nothing comes to be known that happened meanwhile.
    const atOnce = cases.filter(({ held = [] }) => held.every(({ ended }) => ended === undefined))
    test.each(atOnce)('$name, all in one claim', (vector) => {
      const engine = engineOf(vector)
      engine.learn(heldAt(vector, Number.MAX_SAFE_INTEGER))
      const [first] = vector.events
      const { decisions } = engine.claim(vector.events.map(claimed), vectorTime(first?.at ?? 0))
      for (const [index, event] of vector.events.entries()) {
        expect(said(decisions, `ev_${index}`)).toEqual(event.says ?? [])
      }
    })
  })
}
