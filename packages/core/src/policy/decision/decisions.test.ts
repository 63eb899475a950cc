import {
  capturedIn,
  DecisionVectorFile,
  saidOf,
  type VectorCase,
  type VectorEvent,
  type VectorMitigation,
  vectorTime,
} from '@esper/testkit/vectors'
import { describe, expect, it } from 'vitest'
import { NO_DEMAND } from '../../protocol/bundle.js'
import { explainEvent } from '../explain/explain.js'
import { type PolicySet, type PreparedPolicy, preparePolicySet } from '../set/prepare.js'
import { WindowCounter } from '../windows/window-counter.js'
import { type EntityTuple, entityText } from './entity.js'
import { type Contribution, type MatchOptions, matchEvent } from './match.js'
import { renews } from './renew.js'
import { type Verdict, type WalkState, walk } from './walk.js'

const file = new DecisionVectorFile()

/** Decides the events of a case one after another: the kernel and what it needs around it, and nothing else. */
class Kernel {
  readonly set: PolicySet
  readonly #case: VectorCase
  readonly #counter = new WindowCounter({ seed: [1, 2] })
  readonly #own = new Map<string, number>()

  constructor(vector: VectorCase) {
    this.#case = vector
    this.set = preparePolicySet(file.contentOf(vector))
  }

  decide(event: VectorEvent) {
    const at = vectorTime(event.at)
    const fields = file.fieldsOf(event)
    const options = this.#options(event)
    const match = matchEvent(this.set, fields, options)
    for (const contribution of match.contributions) this.#release(contribution, at)
    const counts = new Map(match.contributions.map((each) => [each.windowId, this.#count(each, at, match.exemption)]))
    const state: WalkState = {
      at,
      monitor: false,
      countOf: ({ windowId }) => counts.get(windowId),
      activeMitigation: (policy, entity) => this.#live(policy, entity, at),
      cleared: ({ policy }) => event.cleared?.includes(policy.policy_id) === true,
    }
    const verdict = walk(this.set, match, state)
    const explained = explainEvent(this.set, fields, { ...options, state })
    if (match.exemption === undefined) this.#hold(verdict, at)
    return { match, verdict, explained }
  }

  #options({ captured, ...event }: VectorEvent): MatchOptions {
    const demand = capturedIn({ ...event, ...(captured && { captured }) })
    const atRequest = this.#case.at_request ?? false
    return demand === undefined ? { atRequest } : { atRequest, captured: { ...NO_DEMAND, ...demand } }
  }

  #count(contribution: Contribution, at: number, exemption: unknown): number {
    return exemption === undefined ? this.#counter.hit(contribution, at) : this.#counter.countWith(contribution, at)
  }

  #live({ policy }: PreparedPolicy, entity: EntityTuple | undefined, at: number) {
    const expiresAt = this.#own.get(nameOf(policy.policy_id, entity?.text)) ?? 0
    const ofBroker = this.#case.held?.find((held) => {
      const until = vectorTime(Math.min(held.until, held.ended ?? held.until))
      return namedBy(held) === nameOf(policy.policy_id, entity?.text) && vectorTime(held.from) <= at && at < until
    })
    if (ofBroker !== undefined) return { expires_at: vectorTime(ofBroker.until) }
    return at < expiresAt ? { expires_at: expiresAt } : undefined
  }

  #hold({ held }: Verdict, at: number): void {
    for (const { policy, entity, origin } of held) {
      if (origin !== 'policy' || !policy.canBeActive || policy.mitigation === undefined) continue
      const durationMs = policy.mitigation.duration_seconds * 1_000
      if (!renews(this.#live(policy, entity, at), { at, durationMs })) continue
      this.#own.set(nameOf(policy.policy.policy_id, entity?.text), at + durationMs)
    }
  }

  #release(contribution: Contribution, at: number): void {
    for (const held of this.#case.held ?? []) {
      const { ended = Infinity, not_before: notBefore } = held
      if (notBefore === undefined || at < vectorTime(ended)) continue
      this.#counter.forget(contribution, vectorTime(notBefore))
      this.#own.delete(namedBy(held))
    }
  }
}

function nameOf(policyId: string, text: string | undefined): string {
  return `${policyId} ${text ?? '*'}`
}

function namedBy({ policy_id: policyId, entity }: VectorMitigation): string {
  return nameOf(policyId, entity === null ? undefined : entityText(entity))
}

for (const { part, rule, cases } of file.partsFor('core')) {
  describe(`${part}: ${rule}`, () => {
    it.each(cases)('$name', (vector) => {
      const kernel = new Kernel(vector)
      expect(kernel.set.problems).toEqual([])
      for (const event of vector.events) {
        const { match, verdict, explained } = kernel.decide(event)
        const { enforce, enforced, held } = verdict
        expect({
          says: held.map((each) => saidOf(each, each.policy.policy.policy_id)),
          happens: enforced ? enforce?.policy.policy.policy_id : undefined,
          exempt: match.exemption?.exemption.exemption_id,
          not_captured: match.notCaptured.map(({ policy }) => policy.policy_id),
          actions: match.actions,
        }).toEqual({
          says: event.says ?? [],
          happens: event.happens,
          exempt: event.exempt,
          not_captured: event.not_captured ?? [],
          actions: event.actions ?? match.actions,
        })
        // Who asks why gets the same decision.
        expect(explained.verdict).toEqual(verdict)
      }
    })
  })
}
