import type { MitigationClient } from '../../clients/mitigation-client.js'
import type { StoredMitigation } from '../../contract/mitigation.js'
import { DomainError } from '../../http/problem.js'
import type { RunChange } from '../changes/change.js'
import type { ExemptionCreate, ExemptionPatch, ExemptionRecord } from '../exemptions/schema.js'
import type { ResourceService } from '../resources/service.js'
import type { Caller } from '../routing/route.js'
import { entityExpression } from './entity-expression.js'
import type { ReleaseInput, ReleaseRecord } from './schema.js'

export interface ReleaseOptions {
  readonly broker: Pick<MitigationClient, 'active' | 'release'>
  readonly exemptions: Pick<ResourceService<ExemptionRecord, ExemptionCreate, ExemptionPatch>, 'create'>
  readonly changes: RunChange
  readonly now: () => number
}

export interface ReleaseTarget {
  readonly tenantId: string
  readonly id: string
  readonly caller: Caller
}

/** Lets an entity go, and exempts it for a while where that is asked for. */
export async function release(
  options: ReleaseOptions,
  target: ReleaseTarget,
  { exempt }: ReleaseInput,
): Promise<ReleaseRecord> {
  // First, so that nothing the entity does after its release can hold it again.
  const exemption = exempt === undefined || exempt === null ? null : await exemptEntity(options, target, exempt)
  await letGo(options, target, exemption)
  return { active_mitigation_id: target.id, exemption }
}

async function exemptEntity(
  { broker, exemptions, now }: ReleaseOptions,
  { tenantId, id, caller }: ReleaseTarget,
  { for_seconds: seconds, note }: NonNullable<ReleaseInput['exempt']>,
): Promise<ExemptionRecord> {
  const held = await broker.active(tenantId, id)
  if (held === undefined) throw notHeld()
  const said = entityExpression(held)
  if (!said.ok) throw notExemptible(said.reason)
  const expires_at = seconds === null ? null : new Date(now() + seconds * 1_000).toISOString()
  return await exemptions.create(
    { tenantId, caller },
    { name: nameOf(held), note, enabled: true, expression: said.expression, list_id: null, expires_at },
  )
}

async function letGo(
  { broker, changes, now }: ReleaseOptions,
  { tenantId, id, caller }: ReleaseTarget,
  exemption: ExemptionRecord | null,
): Promise<void> {
  const notBefore = now()
  const { released } = await broker.release({ tenant_id: tenantId, active_mitigation_id: id, not_before: notBefore })
  // One that ended by itself meanwhile is let go all the same.
  if (!released && exemption === null) throw notHeld()
  const after = {
    not_before: new Date(notBefore).toISOString(),
    ...(exemption === null ? {} : { exemption_id: exemption.exemption_id }),
  }
  await changes({
    tenantId,
    caller,
    work: async (change) => {
      change.tell({
        action: 'active_mitigation.release',
        resource_type: 'active_mitigation',
        resource_id: id,
        before: null,
        after,
      })
    },
  })
}

const NAME_UNITS = 80

/** Whom it exempts, and the end of the active mitigation's id, since an entity may be released again and again. */
function nameOf({ entity = [], active_mitigation_id }: StoredMitigation): string {
  const whom = entity.flatMap(([, value]) => value ?? []).join(', ')
  const plain = whom
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, NAME_UNITS)
    .trim()
  return `${plain} (${active_mitigation_id.slice(-6)})`
}

function notHeld(): DomainError {
  return new DomainError('not_found', 'This tenant has no live active mitigation with this id.')
}

const REASONS = {
  whole_policy: 'cannot be: it holds everybody the policy is about, and no entity; change the policy instead',
  not_expressible: 'cannot be: the entity is too long or too nested to be written as an expression',
} as const

function notExemptible(reason: keyof typeof REASONS): DomainError {
  return new DomainError('validation_failed', 'Not valid: exempt.', {
    errors: [{ path: 'exempt', code: 'not_exemptible', message: REASONS[reason] }],
  })
}
