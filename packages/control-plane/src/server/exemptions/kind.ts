import { DomainError } from '../../http/problem.js'
import type { Change } from '../changes/change.js'
import { lowered } from '../expressions/lowered.js'
import type { ResourceStores } from '../policy-set/resources.js'
import type { ResourceKind, ResourceModel } from '../resources/kind.js'
import { applyPatch } from '../resources/patch.js'
import type { ExemptionCreate, ExemptionPatch, ExemptionRecord } from './schema.js'

export const exemptionModel: ResourceModel<ExemptionRecord, ExemptionCreate, ExemptionPatch> = {
  type: 'exemption',
  noun: 'exemption',
  prefix: 'exm',
  idOf: ({ exemption_id }) => exemption_id,
  isEnabled: ({ enabled }) => enabled,
  create: ({ expression = null, list_id = null, expires_at = null, ...input }, { id, ...fresh }, actor) => {
    if (expires_at !== null && expires_at <= fresh.created_at) throw overAlready()
    const created_by = { user_id: actor.user_id, name: actor.name }
    return { exemption_id: id, ...fresh, ...input, expression, list_id, expires_at, created_by }
  },
  patch: (record, { note, ...patch }) => ({
    ...applyPatch(record, patch),
    note: note === undefined ? record.note : (note ?? ''),
  }),
  checkAlone: ({ expression, list_id }, scope) => {
    if (expression === null && list_id === null) throw saysNobody()
    if (expression !== null) lowered(expression, { kind: 'exemption', scope, path: 'expression' })
  },
  show: (record) => record,
}

export function exemptionKind(
  stores: Pick<ResourceStores, 'exemptions' | 'lists'>,
): ResourceKind<ExemptionRecord, ExemptionCreate, ExemptionPatch> {
  return {
    ...exemptionModel,
    store: stores.exemptions,
    checkReferences: (exemption, change) => checkList(exemption, stores.lists, change),
    usedBy: async () => [],
  }
}

async function checkList(
  { enabled, list_id }: ExemptionRecord,
  lists: ResourceStores['lists'],
  change: Change,
): Promise<void> {
  if (list_id === null) return
  const list = await lists.findRecord(change.tenantId, list_id, change.session)
  if (list === undefined) throw unfit('unknown_reference', 'names no list of this tenant')
  if (enabled && !list.enabled) {
    throw unfit('disabled_reference', `names the list "${list.name}", which is disabled; enable it first`)
  }
}

function saysNobody(): DomainError {
  const message = 'is needed, or a list_id: an exemption says by one of them, or by both, whom it exempts'
  return new DomainError('validation_failed', 'Not valid: expression.', {
    errors: [{ path: 'expression', code: 'required', message }],
  })
}

function overAlready(): DomainError {
  return new DomainError('validation_failed', 'Not valid: expires_at.', {
    errors: [{ path: 'expires_at', code: 'in_the_past', message: 'must be later than now' }],
  })
}

function unfit(code: 'unknown_reference' | 'disabled_reference', message: string): DomainError {
  return new DomainError(code, 'Not valid: list_id.', { errors: [{ path: 'list_id', code, message }] })
}
