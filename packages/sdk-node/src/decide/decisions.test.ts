import { entityText, type Match, matchEvent } from '@esper/core'
import { DecisionVectorFile, saidOf, type VectorCase, type VectorEvent, vectorTime } from '@esper/testkit/vectors'
import { describe, expect, it } from 'vitest'
import { derivePurposeKeys } from '../platform/crypto.js'
import { bundle, sharedKeys } from '../test/bundle-fixture.js'
import { ClearanceDesk, subjectOf } from './clearance.js'
import { Decider } from './decider.js'
import { mitigationVersion, prepareRuleset, type Ruleset } from './ruleset.js'

const KEYS = derivePurposeKeys('s'.repeat(32), 'key_a')
const CLIENT = { address: '198.51.100.7', userAgent: 'test' }
const file = new DecisionVectorFile()

function rulesetOf(vector: VectorCase): Ruleset {
  const ruleset = prepareRuleset(bundle(KEYS, sharedKeys(), file.contentOf(vector)), KEYS)
  if (ruleset === undefined) throw new Error('the bundle holds every key')
  return ruleset
}

/** A process with the case's bundle that hears of the broker's mitigations when they begin and end. */
class Sdk {
  readonly #case: VectorCase
  readonly #ruleset: Ruleset
  readonly #clearances = new ClearanceDesk()
  readonly #decider: Decider
  readonly #told = new Set<string>()

  constructor(vector: VectorCase) {
    this.#case = vector
    this.#ruleset = rulesetOf(vector)
    this.#decider = new Decider({ maxMitigations: 100, maxEntities: 1_000, clearances: this.#clearances })
    this.#decider.follow(this.#ruleset, vectorTime(0))
  }

  decide(event: VectorEvent) {
    const at = vectorTime(event.at)
    const fields = file.fieldsOf(event)
    this.#hear(event.at)
    const match = matchEvent(this.#ruleset.set, fields)
    const tokens = (event.cleared ?? []).map((policyId) => this.#clearanceFor(policyId, match, at))
    const context = {
      ruleset: this.#ruleset,
      at,
      monitor: false,
      enforces: 'all' as const,
      visitor: { ...CLIENT, tokens },
    }
    return this.#decider.rule(fields, context)
  }

  #hear(seconds: number): void {
    for (const [index, held] of (this.#case.held ?? []).entries()) {
      const { policy_id, entity, from, until, ended = Infinity, not_before } = held
      const tuple = entity === null ? undefined : { definitionId: '', pairs: entity, text: entityText(entity) }
      const named = {
        ...{
          active_mitigation_id: `am_${index}`,
          policy_id,
          mitigation_id: policy_id,
          counting_scope: 'tenant' as const,
        },
        ...{ entity_key: this.#decider.keyOf(this.#ruleset, tuple), sequence: index + 1 },
      }
      const since = vectorTime(from)
      const context = { ruleset: this.#ruleset, now: vectorTime(seconds) }
      if (from <= seconds && this.#isNews(`begin ${index}`)) {
        const mitigation = { ...named, since, expires_at: vectorTime(until) }
        this.#decider.apply([{ kind: 'upsert', mitigation }], false, context)
      }
      if (ended <= seconds && this.#isNews(`end ${index}`)) {
        const release = not_before === undefined ? {} : { not_before: vectorTime(not_before) }
        this.#decider.apply([{ kind: 'remove', removal: { ...named, ...release } }], false, context)
      }
    }
  }

  #isNews(what: string): boolean {
    const isNews = !this.#told.has(what)
    this.#told.add(what)
    return isNews
  }

  #clearanceFor(policyId: string, { matched }: Match, at: number): string {
    const [key] = this.#ruleset.clearanceKeys
    const found = matched.find(({ policy }) => policy.policy.policy_id === policyId)
    if (found?.policy.mitigation === undefined) throw new Error(`${policyId} challenges nobody`)
    const subject = this.#decider.subjectText(found.entity, {
      ruleset: this.#ruleset,
      visitor: { ...CLIENT, tokens: [] },
    })
    const grant = {
      ...{ tenantId: 'ten_a', countingScope: 'tenant', sub: subjectOf(key, subject), kind: 'pow' as const, level: 1 },
      mitigation: mitigationVersion(found.policy.mitigation),
    }
    return this.#clearances.mint(grant, { key, nowMs: at }).token
  }
}

for (const { part, rule, cases } of file.partsFor('sdk')) {
  describe(`${part}: ${rule}`, () => {
    it.each(cases)('$name', (vector) => {
      const sdk = new Sdk(vector)
      for (const event of vector.events) {
        const { verdict, enforce, enforced, match } = sdk.decide(event)
        expect({
          says: verdict.held.map((each) => saidOf(each, each.policy.policy.policy_id)),
          happens: enforced ? enforce?.policy.policy.policy_id : undefined,
          exempt: match.exemption?.exemption.exemption_id,
          actions: match.actions,
        }).toEqual({
          says: event.says ?? [],
          happens: event.happens,
          exempt: event.exempt,
          actions: event.actions ?? match.actions,
        })
      }
    })
  })
}
