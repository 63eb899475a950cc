import { DomainError } from '../../http/problem.js'
import { newCredential } from '../auth/credential-store.js'
import { isAtMost } from '../auth/permissions.js'
import type { Change, RunChange } from '../changes/change.js'
import { newId } from '../ids.js'
import type { MembershipStore } from '../memberships/store.js'
import type { Target } from '../resources/service.js'
import type { Caller } from '../routing/route.js'
import type { Page } from '../shapes.js'
import type { PageRequest } from '../store/tenant-store.js'
import {
  type OperatorTokenCreate,
  type OperatorTokenCreated,
  type OperatorTokenRecord,
  operatorTokenRecord,
} from './schema.js'
import { digestOf, type OperatorTokenStore, type StoredOperatorToken } from './store.js'

const DAY_MS = 86_400_000

export interface OperatorTokenService {
  list(tenantId: string, page: PageRequest): Promise<Page<OperatorTokenRecord>>
  get(tenantId: string, id: string): Promise<OperatorTokenRecord>
  /** The only answer that ever holds the token. */
  create(target: Omit<Target, 'id'>, input: OperatorTokenCreate): Promise<OperatorTokenCreated>
  revoke(target: Target): Promise<void>
}

export interface OperatorTokenServiceOptions {
  readonly operatorTokens: OperatorTokenStore
  readonly memberships: MembershipStore
  readonly changes: RunChange
}

export function createOperatorTokenService(options: OperatorTokenServiceOptions): OperatorTokenService {
  const { operatorTokens, changes } = options
  return {
    list: async (tenantId, request) => {
      const page = await operatorTokens.page(tenantId, request)
      return { ...page, items: page.items.map(show) }
    },
    get: async (tenantId, id) => show(await existing(operatorTokens, { tenantId }, id)),
    create: ({ tenantId, caller }, input) =>
      changes({ tenantId, caller, work: (change) => create(options, change, { caller, input }) }),
    revoke: ({ tenantId, id, caller }) =>
      changes({
        tenantId,
        caller,
        work: async (change) => {
          const before = show(await existing(operatorTokens, change, id))
          await operatorTokens.remove(tenantId, id, change.session)
          change.tell(told('operator_token.delete', { before, after: null }))
        },
      }),
  }
}

async function create(
  { operatorTokens, memberships }: OperatorTokenServiceOptions,
  change: Change,
  { caller, input }: { readonly caller: Caller; readonly input: OperatorTokenCreate },
): Promise<OperatorTokenCreated> {
  const { tenantId, session } = change
  // It would live on, by another name, when the first one is revoked or over.
  if (caller.limits !== undefined) throw new DomainError('forbidden', 'An operator token cannot make another one.')
  const { role = 'Viewer' } = (await memberships.find(tenantId, caller.userId, session)) ?? {}
  if (!isAtMost(input.role, role)) throw aboveOwn(role)
  if ((await operatorTokens.findByName(tenantId, input.name, session)) !== undefined) throw nameTaken(input.name)
  const token = newCredential('eop_')
  const at = change.now.toISOString()
  const stored: StoredOperatorToken = {
    operator_token_id: newId('opt'),
    tenant_id: tenantId,
    name: input.name,
    role: input.role,
    user_id: caller.userId,
    expires_at: new Date(change.now.getTime() + input.ttl_days * DAY_MS).toISOString(),
    last_used_at: null,
    created_at: at,
    updated_at: at,
    digest: digestOf(token),
  }
  await operatorTokens.insert(stored, session)
  const record = show(stored)
  change.tell(told('operator_token.create', { before: null, after: record }))
  return { ...record, operator_token: token }
}

async function existing(
  operatorTokens: OperatorTokenStore,
  { tenantId, session }: Pick<Change, 'tenantId'> & Partial<Pick<Change, 'session'>>,
  id: string,
): Promise<StoredOperatorToken> {
  const found = await operatorTokens.find(tenantId, id, session)
  if (found === undefined) throw new DomainError('not_found', 'This tenant has no operator token with this id.')
  return found
}

function told(action: string, change: { before: OperatorTokenRecord | null; after: OperatorTokenRecord | null }) {
  const id = (change.after ?? change.before)?.operator_token_id ?? ''
  return { action, resource_type: 'operator_token', resource_id: id, ...change }
}

/** Only what the schema of the answer names gets out. */
function show(stored: StoredOperatorToken): OperatorTokenRecord {
  return operatorTokenRecord.parse(stored)
}

function aboveOwn(role: string): DomainError {
  return new DomainError('validation_failed', 'Not valid: role.', {
    errors: [{ path: 'role', code: 'above_own_role', message: `must not be above your own role, which is ${role}` }],
  })
}

function nameTaken(name: string): DomainError {
  return new DomainError('name_taken', `Another operator token is named "${name}".`, {
    errors: [{ path: 'name', code: 'name_taken', message: 'is the name of another operator token' }],
  })
}
