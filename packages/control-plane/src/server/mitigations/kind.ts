import { DomainError } from '../../http/problem.js'
import type { PolicyRecord } from '../policies/schema.js'
import { enabledPoliciesThat } from '../resources/in-use.js'
import type { ResourceKind } from '../resources/kind.js'
import { applyPatch } from '../resources/patch.js'
import type { TenantStore } from '../store/tenant-store.js'
import { type MitigationCreate, type MitigationPatch, type MitigationRecord, settingsOfAnotherMode } from './schema.js'

export interface MitigationKindStores {
  readonly mitigations: TenantStore<MitigationRecord>
  readonly policies: TenantStore<PolicyRecord>
}

const PLAIN_RESPONSE = { status: 403 } as const
const PLAIN_CHALLENGE = { provider: 'pow', level: 2, min_level: 1, one_time: false } as const

export function mitigationKind({
  mitigations,
  policies,
}: MitigationKindStores): ResourceKind<MitigationRecord, MitigationCreate, MitigationPatch> {
  return {
    type: 'mitigation',
    noun: 'mitigation',
    prefix: 'mit',
    store: mitigations,
    idOf: ({ mitigation_id }) => mitigation_id,
    isEnabled: ({ enabled }) => enabled,
    create: ({ response = null, challenge = null, ...input }, { id, ...fresh }) =>
      withDefaults({ mitigation_id: id, ...fresh, ...input, response, challenge }),
    patch: (record, { description, ...patch }) => {
      refuseMisplaced(patch.mode ?? record.mode, patch)
      return withDefaults({
        ...applyPatch(record, patch),
        description: description === undefined ? record.description : (description ?? ''),
      })
    },
    check: async () => undefined,
    usedBy: ({ mitigation_id }, change) =>
      enabledPoliciesThat(policies, change, (policy) => policy.mitigation_id === mitigation_id),
    show,
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
    challenge: record.mode === 'Challenge' ? record.challenge : null,
  }
}

function withDefaults(record: MitigationRecord): MitigationRecord {
  if (record.mode === 'Block') return { ...record, response: record.response ?? PLAIN_RESPONSE }
  if (record.mode === 'Challenge') return { ...record, challenge: record.challenge ?? PLAIN_CHALLENGE }
  return record
}

function refuseMisplaced(mode: MitigationRecord['mode'], patch: MitigationPatch): void {
  const errors = settingsOfAnotherMode(mode, patch).map(({ path, message, params }) => ({
    path: path.join('.'),
    code: params.code,
    message,
  }))
  if (errors.length === 0) return
  throw new DomainError('validation_failed', `Not valid: ${errors.map(({ path }) => path).join(', ')}.`, { errors })
}
