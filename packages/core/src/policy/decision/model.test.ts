import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Captured, NO_DEMAND, type PolicySetContent } from '../../protocol/bundle.js'
import { isRecord } from '../expression/semantics.js'
import { withApplication } from '../fields/complete-record.js'
import type { Fields } from '../fields/fields.js'
import { type PolicySet, preparePolicySet } from '../set/prepare.js'
import { anEvent, aPolicySet, type EventShape } from '../testing/arbitrary-decisions.js'
import { type NaiveDecision, type NaiveEvent, NaiveKernel } from '../testing/naive-decision.js'
import { WindowCounter } from '../windows/window-counter.js'
import { matchEvent } from './match.js'
import { type HeldPolicy, walk } from './walk.js'

const SEED = Number(process.env.ESPER_FUZZ_SEED ?? 20_261_126)
const T0 = 1_700_006_400_000
const CAPTURED: Readonly<Record<EventShape['captured'], Captured | undefined>> = {
  all: undefined,
  nothing: NO_DEMAND,
  queries: { ...NO_DEMAND, query: ['a'], labels: ['plan'], response: true },
}

/** Decides as an SDK does, with what it knows between events. */
class Kernel {
  readonly set: PolicySet
  readonly #counter = new WindowCounter({ seed: [1, 2] })
  readonly #counts = new Map<number, Map<string, number>>()

  constructor(content: PolicySetContent) {
    this.set = preparePolicySet(content)
  }

  decide(event: NaiveEvent): NaiveDecision {
    const { captured, atRequest, expectsMore } = event
    const options = { atRequest, expectsMore, ...(captured === undefined ? {} : { captured }) }
    const match = matchEvent(this.set, event.fields, options)
    const counts = this.#counts.get(event.id) ?? new Map<string, number>()
    this.#counts.set(event.id, counts)
    for (const contribution of match.contributions) {
      if (counts.has(contribution.windowId)) continue
      const isExempt = match.exemption !== undefined
      const n = isExempt
        ? this.#counter.countWith(contribution, event.atMs)
        : this.#counter.hit(contribution, event.atMs)
      counts.set(contribution.windowId, n)
    }
    const { held, enforce, enforced } = walk(this.set, match, {
      at: event.atMs,
      monitor: false,
      countOf: ({ windowId }) => counts.get(windowId),
      activeMitigation: ({ policy }, entity) =>
        event.isHeld(policy.policy_id, entity?.text ?? '*') ? { expires_at: event.atMs + 1 } : undefined,
      cleared: ({ policy }) => event.isCleared(policy.policy_id),
    })
    const ids = (some: readonly HeldPolicy['policy'][]) => some.map(({ policy }) => policy.policy_id)
    return {
      actions: match.actions,
      exempt: match.exemption?.exemption.exemption_id,
      notCaptured: ids(match.notCaptured),
      deferred: ids(match.deferred),
      says: held.map(lineOf),
      happens: enforced ? enforce?.policy.policy.policy_id : undefined,
    }
  }
}

function lineOf({ policy, outcome, origin, n, cleared, shadowed }: HeldPolicy): string {
  const more = [n === undefined ? '' : `n${n}`, cleared ? 'cleared' : '', shadowed ? 'shadowed' : '']
  return [policy.policy.policy_id, outcome, origin, ...more].filter((word) => word !== '').join(' ')
}

/** Chance that depends on nothing but the text and the event's bits. */
function isPicked(bits: number, text: string): boolean {
  let sum = 0
  for (let at = 0; at < text.length; at++) sum = (sum * 31 + text.charCodeAt(at)) | 0
  return bits !== 0 && ((bits ^ sum) & 3) === 0
}

/** The decisions of a stream: one for each event, or two where the application says more. */
function eventsOf(shapes: readonly EventShape[]): NaiveEvent[] {
  let newest = T0
  return shapes.flatMap((shape, id): NaiveEvent[] => {
    newest += shape.forwardMs
    const status = shape.status === undefined ? {} : { response_status: shape.status }
    const whole: Fields = { ...shape.fields, ...status }
    const { user_id: userId, labels, ...atEntry } = whole
    const event = (fields: Fields, more: Pick<NaiveEvent, 'atRequest' | 'expectsMore'>): NaiveEvent => ({
      ...{ id, atMs: newest - shape.lateMs, fields, captured: CAPTURED[shape.captured], ...more },
      isHeld: (policyId, entity) => isPicked(shape.held, `${policyId} ${entity}`),
      isCleared: (policyId) => isPicked(shape.cleared, policyId),
    })
    if (shape.when === 'engine') return [event(whole, { atRequest: false, expectsMore: false })]
    if (shape.when === 'request') return [event(whole, { atRequest: true, expectsMore: false })]
    const said = { user_id: textOf(userId), labels: isRecord(labels) ? labels : undefined }
    const options = { demand: { ...NO_DEMAND, labels: ['plan'] }, redact: (value: string) => value }
    return [
      event(atEntry, { atRequest: true, expectsMore: true }),
      event(withApplication(atEntry, said, options), { atRequest: true, expectsMore: false }),
    ]
  })
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

describe('the kernel', () => {
  it(`decides every event of random policy sets as the contract reads, seed ${SEED}`, { timeout: 120_000 }, () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(aPolicySet, fc.array(anEvent, { minLength: 1, maxLength: 12 }), (content, shapes) => {
        const [kernel, naive] = [new Kernel(content), new NaiveKernel(content)]
        expect(kernel.set.problems).toEqual([])
        for (const event of eventsOf(shapes)) {
          const expected = naive.decide(event)
          expect(kernel.decide(event)).toEqual(expected)
          for (const word of wordsOf(expected)) seen.set(word, (seen.get(word) ?? 0) + 1)
        }
      }),
      { seed: SEED, numRuns: 1_000 },
    )
    // A comparison of nothing with nothing would show nothing.
    for (const word of EVERYTHING) expect(seen.get(word) ?? 0, word).toBeGreaterThan(50)
  })
})

const EVERYTHING = [
  ...['decided', 'exempt', 'not captured', 'deferred', 'happens', 'observe', 'challenge', 'block'],
  ...['policy', 'active_mitigation', 'cleared', 'shadowed', 'n2', 'n3'],
]

function wordsOf({ exempt, notCaptured, deferred, says, happens }: NaiveDecision): readonly string[] {
  return [
    'decided',
    ...(exempt === undefined ? [] : ['exempt']),
    ...(notCaptured.length === 0 ? [] : ['not captured']),
    ...(deferred.length === 0 ? [] : ['deferred']),
    ...(happens === undefined ? [] : ['happens']),
    ...says.flatMap((line) => line.split(' ').slice(1)),
  ]
}
