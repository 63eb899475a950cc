import { DomainError } from '../../http/problem.js'
import type { PolicyRecord } from '../policies/schema.js'
import { enabledPoliciesThat } from '../resources/in-use.js'
import type { ResourceKind, ResourceModel } from '../resources/kind.js'
import { applyPatch } from '../resources/patch.js'
import type { TenantStore } from '../store/tenant-store.js'
import { challengeSettings } from './challenge-settings.js'
import { type MitigationCreate, type MitigationPatch, type MitigationRecord, settingsOfAnotherMode } from './schema.js'

export interface MitigationKindStores {
  readonly mitigations: TenantStore<MitigationRecord>
  readonly policies: TenantStore<PolicyRecord>
}

const PLAIN_RESPONSE = { status: 403 } as const
const NO_CHALLENGE = { provider: null, level: null, min_level: null, one_time: null } as const

export const mitigationModel: ResourceModel<MitigationRecord, MitigationCreate, MitigationPatch> = {
  type: 'mitigation',
  noun: 'mitigation',
  prefix: 'mit',
  idOf: ({ mitigation_id }) => mitigation_id,
  isEnabled: ({ enabled }) => enabled,
  create: ({ response = null, provider = null, level = null, min_level = null, one_time = null, ...input }, fresh) => {
    const { id, ...base } = fresh
    const settings = { response, provider, level, min_level, one_time }
    return withDefaults({ mitigation_id: id, ...base, ...input, ...settings })
  },
  patch: (record, { description, ...patch }) => {
    refuseMisplaced(patch.mode ?? record.mode, patch)
    return withDefaults({
      ...applyPatch(record, patch),
      description: description === undefined ? record.description : (description ?? ''),
    })
  },
  checkAlone: () => undefined,
  show,
}

export function mitigationKind({
  mitigations,
  policies,
}: MitigationKindStores): ResourceKind<MitigationRecord, MitigationCreate, MitigationPatch> {
  return {
    ...mitigationModel,
    store: mitigations,
    usedBy: ({ mitigation_id }, change) =>
      enabledPoliciesThat(policies, change, (policy) => policy.mitigation_id === mitigation_id),
  }
}

/**
 * The settings of a mode stay stored while another is in force, so that going to Monitor for an hour and back to Block
 * loses nothing; they are shown only for their own mode.
 */
function show(record: MitigationRecord): MitigationRecord {
  return {
    ...record,
    response: record.mode === 'Block' ? record.response : null,
    ...(record.mode === 'Challenge' ? challengeSettings(record) : NO_CHALLENGE),
  }
}

function withDefaults(record: MitigationRecord): MitigationRecord {
  if (record.mode === 'Block') return { ...record, response: record.response ?? PLAIN_RESPONSE }
  if (record.mode !== 'Challenge') return record
  const settings = challengeSettings(record)
  if (settings.min_level > settings.level) {
    const message = 'must not be above level, or no solution would ever be enough'
    refuse([{ path: 'min_level', code: 'too_big', message }])
  }
  return { ...record, ...settings }
}

function refuseMisplaced(mode: MitigationRecord['mode'], patch: MitigationPatch): void {
  const errors = settingsOfAnotherMode(mode, patch).map(({ path, message, params }) => ({
    path: path.join('.'),
    code: params.code,
    message,
  }))
  if (errors.length > 0) refuse(errors)
}

function refuse(errors: readonly { path: string; code: string; message: string }[]): never {
  throw new DomainError('validation_failed', `Not valid: ${errors.map(({ path }) => path).join(', ')}.`, { errors })
}
