import { createHash } from 'node:crypto'
import type { Contribution, DecisionOrigin, EntityTuple, HeldPolicy, Match, Outcome, PreparedPolicy } from '@esper/core'
import { LIMITS, walk } from '@esper/core'
import type { DecisionRecord, MitigationUpsert } from '../contract/mitigation.js'
import type { MitigationView } from './mitigation-view.js'
import { mitigationKey } from './mitigation-view.js'
import type { LoadedPolicySet } from './policy-source.js'
import { type PreparedEvent, type SdkClaim, windowHits } from './prepare-events.js'
import type { Tally } from './tally.js'
import type { WindowLedger } from './window-ledger.js'

export interface DecideContext {
  readonly latest: LoadedPolicySet
  readonly ledger: WindowLedger
  readonly view: MitigationView
  readonly tally: Tally
  readonly now: number
}

/** Decides one event: counts it in its windows, walks the policies, and settles it with what the SDK did. */
export function decideEvent(prepared: PreparedEvent, context: DecideContext): readonly DecisionRecord[] {
  const { source, match } = prepared
  const { latest, view } = context
  const keyOf = (policy: PreparedPolicy, entity: EntityTuple | undefined) =>
    mitigationKey(source.context.scope, policy.policy.policy_id, source.context.keyOf(entity))
  const sdk = settledClaim(prepared.sdk, view, source.at)
  const cleared = (sdk.kind === 'rejected' ? undefined : source.event.decision?.cleared) ?? []
  const exemptionId = exemptionOf(sdk, match)
  const counts = countWindows(prepared, { ...context, isExempt: exemptionId !== undefined })
  const verdict = walk(latest.set, match, {
    at: source.at,
    monitor: true,
    countOf: (contribution) => counts.get(contribution),
    activeMitigation: (policy, entity) => view.liveAt(keyOf(policy, entity), source.at),
    cleared: (policy) => cleared.includes(policy.policy.policy_id),
  })
  tallyEvent(prepared, { ...context, sdk, exemptionId, counts })
  if (exemptionId === undefined) {
    for (const held of verdict.held)
      holdMitigation(held, prepared, { ...context, key: keyOf(held.policy, held.entity) })
  }
  return settle(verdict.held, sdk).map((part) => toRecord(part, prepared, { ...context, exemptionId }))
}

/** What the SDK let pass by an exemption that checks out was exempt, whatever has become of the exemption since. */
function exemptionOf(sdk: SdkClaim, match: Match): string | undefined {
  const claimed = sdk.kind === 'rejected' ? undefined : sdk.exemptionId
  return claimed ?? match.exemption?.exemption.exemption_id
}

interface TallyContext extends DecideContext {
  readonly sdk: SdkClaim
  readonly exemptionId: string | undefined
  readonly counts: ReadonlyMap<Contribution, number>
}

function tallyEvent(
  { source, match, lacksExemption }: PreparedEvent,
  { tally, sdk, exemptionId, counts }: TallyContext,
): void {
  const { at } = source
  tally.event(at)
  if (sdk.kind === 'rejected') tally.count({ at, name: 'sdk_decision_rejected', value: 1 })
  if (source.event.decision?.failed_open === true) tally.count({ at, name: 'sdk_failed_open', value: 1 })
  if (exemptionId !== undefined) tally.count({ at, name: `exempt:${exemptionId}`, value: 1 })
  else if (lacksExemption) tally.count({ at, name: 'exemption_not_captured', value: 1 })
  for (const { policy, contribution } of match.matched) {
    // No window holds an exempt event, so it brings none nearer to its threshold.
    const isCounted = contribution !== undefined && exemptionId === undefined
    tally.matched(policy.policy.policy_id, at, isCounted ? counts.get(contribution) : undefined)
  }
  for (const { policy } of match.notCaptured) tally.notCaptured(policy.policy_id, at)
}

function countWindows(
  { source, match }: PreparedEvent,
  { ledger, view, isExempt }: DecideContext & { readonly isExempt: boolean },
): Map<Contribution, number> {
  const counts = new Map<Contribution, number>()
  for (const [index, hit] of windowHits(source, match).entries()) {
    const contribution = match.contributions[index]
    if (contribution === undefined) continue
    const released = match.matched
      .filter((one) => one.contribution === contribution)
      .map(({ policy }) => view.notBefore(mitigationKey(hit.scope, policy.policy.policy_id, hit.entityKey)))
    const notBefore = Math.max(0, ...released)
    const n = isExempt ? ledger.countWith(hit, source.at, notBefore) : ledger.hit(hit, source.at, notBefore)
    counts.set(contribution, n)
  }
  return counts
}

/** The mitigation an SDK names must have been live; a provisional one of its own has no name. */
function settledClaim(sdk: SdkClaim, view: MitigationView, at: number): SdkClaim {
  if (sdk.kind !== 'plausible') return sdk
  const { active_mitigation_id: id } = sdk.decision
  return id === undefined || view.wasLive(sdk.mitigationKey, id, at) ? sdk : { kind: 'rejected' }
}

function holdMitigation(
  { policy, entity, origin }: HeldPolicy,
  { source }: PreparedEvent,
  { latest, view, now, key }: DecideContext & { readonly key: string },
): void {
  if (origin !== 'policy' || !policy.canBeActive || policy.mitigation === undefined) return
  const { mitigation_id, duration_seconds } = policy.mitigation
  const upsert = {
    policy_id: policy.policy.policy_id,
    mitigation_id,
    counting_scope: source.context.scope,
    entity_key: source.context.keyOf(entity),
    since: source.at,
    expires_at: source.at + duration_seconds * 1_000,
    revision: latest.set.revision,
    ...(entity === undefined ? {} : { entity: readable(entity), ...wholeValues(entity) }),
  }
  view.hold(key, upsert, now)
}

interface VerdictPart {
  readonly policy: PreparedPolicy
  readonly entity: EntityTuple | undefined
  readonly outcome: Outcome
  readonly origin: DecisionOrigin
  readonly n?: number | undefined
  readonly enforced: boolean
  readonly cleared: boolean
  readonly shadowed: boolean
}

/**
 * What the SDK did, where it checks out, is what happened to the request; every other Challenge or Block then stands in
 * its shadow. So an event has at most one that is neither cleared nor shadowed.
 */
function settle(held: readonly HeldPolicy[], sdk: SdkClaim): readonly VerdictPart[] {
  if (sdk.kind !== 'plausible') return held.map((one) => ({ ...one, enforced: false }))
  const { decision, policy, entity, outcome } = sdk
  const own = held.find((one) => one.policy.policy.policy_id === policy.policy.policy_id)
  const happened: VerdictPart = {
    policy,
    entity,
    outcome,
    origin: decision.origin ?? own?.origin ?? 'policy',
    n: own?.n ?? decision.n,
    enforced: decision.enforced,
    cleared: false,
    shadowed: false,
  }
  const others = held.map((one) => {
    if (one === own) return happened
    return { ...one, enforced: false, shadowed: one.outcome !== 'observe' && !one.cleared }
  })
  return own === undefined ? [...others, happened] : others
}

function toRecord(
  part: VerdictPart,
  { source }: PreparedEvent,
  { latest, now, exemptionId }: DecideContext & { readonly exemptionId: string | undefined },
): DecisionRecord {
  const { policy, entity } = part
  const { tenantId, sourceId } = source
  const { event_id } = source.event
  const entityFields =
    entity === undefined
      ? {}
      : {
          entity_definition_id: entity.definitionId,
          entity_key: source.context.keyOf(entity),
          entity: readable(entity),
        }
  return {
    decision_id: decisionId([tenantId, sourceId, event_id, policy.policy.policy_id]),
    tenant_id: tenantId,
    source_id: sourceId,
    event_id,
    policy_id: policy.policy.policy_id,
    policy_revision: policy.policy.revision,
    revision: latest.set.revision,
    outcome: part.outcome,
    enforced: part.enforced,
    cleared: part.cleared,
    shadowed: part.shadowed,
    // What an SDK enforced under an earlier bundle did happen.
    ...(exemptionId === undefined || part.enforced ? {} : { exemption_id: exemptionId }),
    origin: part.origin,
    counting_scope: source.context.scope,
    ...entityFields,
    ...(part.n === undefined ? {} : { n: part.n }),
    observed_at: source.at,
    decided_at: now,
  }
}

function decisionId(parts: readonly string[]): string {
  return `dec_${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 32)}`
}

/** An expression that named the entity could not be longer. */
const WHOLE_UNITS = LIMITS.expressionBytes

function wholeValues({ pairs }: EntityTuple): Pick<MitigationUpsert, 'entity_values'> {
  const entity_values = JSON.stringify(pairs)
  return entity_values.length > WHOLE_UNITS ? {} : { entity_values }
}

const SHOWN_UNITS = 256

/** Key fields as a person reads them. */
function readable({ pairs }: EntityTuple): readonly (readonly [field: string, value: string | null])[] {
  return pairs.map(([field, value]) => {
    if (value === null) return [field, null]
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return [field, text.slice(0, SHOWN_UNITS)]
  })
}
