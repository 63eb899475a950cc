import { isDeepStrictEqual } from 'node:util'
import { type EventExplanation, explainEvent, type FieldDemand, NO_DEMAND, type PolicySet } from '@esper/core'
import type { NamedList } from '../../expressions/index.js'
import { DomainError } from '../../http/problem.js'
import type { DecidedEvent, EventService, EventTarget } from '../events/service.js'
import { currentContents } from '../lists/contents.js'
import type { ListStore } from '../lists/store.js'
import type { PolicyRecord } from '../policies/schema.js'
import type { TenantStore } from '../store/tenant-store.js'
import type { TenantService } from '../tenants/service.js'
import { draftSet } from './draft-set.js'
import { explainPolicies, isDecided, policyOrder } from './explain-policies.js'
import type { LoadedSet, LoadPolicySet } from './policy-sets.js'
import { Presenter } from './present.js'
import { answerTo, type TriedEvent, toMatches } from './recent-matches.js'
import type {
  DraftExplanationRecord,
  DraftMatches,
  EventExplanationRecord,
  ExplainDraft,
  ExplainQuery,
  PolicyExplanationRecord,
} from './schema.js'
import { engineState, explainStored, type StoredCase } from './stored-case.js'

export interface ExplanationService {
  /** Why each policy did or did not hold for a stored event. */
  explain(target: EventTarget, query: ExplainQuery): Promise<EventExplanationRecord>
  /** What something that is not saved would say to a stored event. */
  explainDraft(target: EventTarget, draft: ExplainDraft): Promise<DraftExplanationRecord>
  /** How many of the newest events it would match. */
  matchRecent(tenantId: string, draft: ExplainDraft): Promise<DraftMatches>
}

export interface ExplanationServiceOptions {
  readonly events: EventService
  readonly tenants: TenantService
  readonly policies: TenantStore<PolicyRecord>
  readonly lists: Pick<ListStore, 'ids' | 'entries'>
  readonly loadSet: LoadPolicySet
}

interface OpenCase {
  readonly stored: StoredCase
  readonly presenter: Presenter
}

/** Explains events from what is stored of them: fields, policy set, counts. */
export function createExplanationService(options: ExplanationServiceOptions): ExplanationService {
  const { events, tenants, policies, lists, loadSet } = options

  async function requireSet(tenantId: string, revision: number | 'latest'): Promise<LoadedSet> {
    const loaded = await loadSet(tenantId, revision)
    if (loaded !== undefined) return loaded
    throw new DomainError('not_found', 'The policy set that this event was decided with is not kept any more.')
  }

  /** With the cookies in clear that the policy set names: then as it was decided, whatever the tenant carries in clear now. */
  async function openCase(target: EventTarget, which: 'decided' | 'latest'): Promise<OpenCase> {
    const { tenantId } = target
    const { clear_cookies: today } = await tenants.get(tenantId)
    const found = await events.find(target)
    const revision = which === 'latest' ? which : (revisionOf(found) ?? 'latest')
    const { set } = await requireSet(tenantId, revision)
    const sameCookies = isDeepStrictEqual(set.clearCookies, today)
    const { event, decisions } = sameCookies ? found : await events.find(timed(target, found), set.clearCookies)
    const captured = event.captured ?? (await demandOf(tenantId, event.captured_revision))
    const presenter = new Presenter({ clearCookies: today, lists: await lists.ids(tenantId) })
    return { stored: { event, decisions, set, captured }, presenter }
  }

  async function demandOf(tenantId: string, revision: number): Promise<FieldDemand> {
    return (revision === 0 ? undefined : await loadSet(tenantId, revision))?.content.demand ?? NO_DEMAND
  }

  async function setWith(tenantId: string, draft: ExplainDraft): Promise<PolicySet> {
    const listIds = await lists.ids(tenantId)
    const contentsOf = (named: readonly NamedList[]) => currentContents(lists, tenantId, named)
    return await draftSet(await requireSet(tenantId, 'latest'), draft, { listIds, contentsOf })
  }

  async function unknownPolicy(tenantId: string, policyId: string, revision: number): Promise<PolicyExplanationRecord> {
    const policy = await policies.find(tenantId, policyId)
    if (policy === undefined) throw new DomainError('not_found', 'This tenant has no policy with this id.')
    const { set, content } = await requireSet(tenantId, revision)
    const wasThere = content.policies.some(({ policy_id }) => policy_id === policyId)
    return absentPolicy(policy, { revision: set.revision, reason: wasThere ? 'unusable' : 'not_in_force' })
  }

  return {
    explain: async (target, query) => {
      const { stored, presenter } = await openCase(target, 'decided')
      const { event, set } = stored
      const overview = explainStored(stored, NO_POLICY)
      const ids = query.policy_id === undefined ? policyOrder(stored, overview) : [query.policy_id]
      const start = query.cursor === undefined ? 0 : readCursor(query.cursor)
      const end = start + query.limit
      const sdkRevision = event.decision?.policy_id === undefined ? undefined : event.decision.revision
      const sdkSet = sdkRevision === undefined ? undefined : (await loadSet(target.tenantId, sdkRevision))?.set
      const found = explainPolicies(stored, ids.slice(start, end), { presenter, sdkSet })
      return {
        ...headOf(stored),
        decided: isDecided(stored),
        actions: [...overview.match.actions],
        exemptions: tellingExemptions(overview).map((one) => presenter.exemption(one)),
        policies:
          query.policy_id !== undefined && found.length === 0
            ? [await unknownPolicy(target.tenantId, query.policy_id, set.revision)]
            : [...found],
        next_cursor: ids.length > end ? String(end) : null,
      }
    },
    explainDraft: async (target, draft) => {
      const { stored, presenter } = await openCase(target, 'latest')
      const set = await setWith(target.tenantId, draft)
      const { event, captured } = stored
      const {
        policies: explained,
        exemptions,
        actions,
      } = explainEvent(set, event.fields, {
        captured,
        state: engineState({ ...stored, set: await decidedSet(stored) }),
      })
      const [policy] = explained
      const [exemption] = exemptions
      if (policy !== undefined) return { ...headOf(stored), ...presenter.policy(policy, actions) }
      if (exemption !== undefined) return { ...headOf(stored), ...presenter.exemptionDraft(exemption) }
      throw new DomainError('expression_invalid', 'The expression cannot be used.')
    },
    matchRecent: async (tenantId, draft) => {
      const set = await setWith(tenantId, draft)
      const recent = await events.newest(tenantId, RECENT_EVENTS)
      const tried: TriedEvent[] = []
      for (const event of recent) {
        const captured = event.captured ?? (await demandOf(tenantId, event.captured_revision))
        tried.push({ event, answer: answerTo(set, event, captured) })
      }
      return toMatches(tried)
    },
  }

  /** Counts are known by the windows of the policies that decided. */
  async function decidedSet({ event, decisions, set }: StoredCase) {
    const revision = revisionOf({ event, decisions })
    return (revision === undefined ? undefined : await loadSet(event.tenant_id, revision))?.set ?? set
  }
}

const RECENT_EVENTS = 200
const NO_POLICY: ReadonlySet<string> = new Set()

function revisionOf({ event, decisions }: DecidedEvent): number | undefined {
  return decisions[0]?.revision ?? event.decided_revision
}

function timed(target: EventTarget, { event }: DecidedEvent): EventTarget {
  return { ...target, observedAt: new Date(event.observed_at).toISOString() }
}

function headOf({ event, set }: StoredCase) {
  const { event_id, source_id, observed_at } = event
  return { event_id, source_id, observed_at: new Date(observed_at).toISOString(), revision: set.revision }
}

/** An exemption that the event does not match says nothing about it. */
function tellingExemptions({ exemptions }: EventExplanation) {
  return exemptions.filter(({ applied, captured, clause }) => applied || !captured || clause?.holds === true)
}

function absentPolicy(
  { policy_id, name, window }: PolicyRecord,
  { revision, reason }: { readonly revision: number; readonly reason: 'unusable' | 'not_in_force' },
): PolicyExplanationRecord {
  return {
    ...{ policy_id, name, policy_revision: null, mode: 'Monitor', revision, reason },
    ...{ matched: false, actions: [], clause: null, entity: null, not_captured: [], decision: null, agrees: null },
    window: window === null ? null : { ...window, distinct: window.distinct ?? null, n: null },
  }
}

function readCursor(cursor: string): number {
  if (/^\d{1,6}$/.test(cursor)) return Number(cursor)
  throw new DomainError('validation_failed', 'Not valid: cursor.', {
    errors: [{ path: 'cursor', code: 'invalid_format', message: 'is not a cursor of this list' }],
  })
}
