import { DomainError } from '../../http/problem.js'
import type { Change, RunChange } from '../changes/change.js'
import { newId } from '../ids.js'
import type { OperatorTokenStore } from '../operator-tokens/store.js'
import type { Target } from '../resources/service.js'
import type { Page } from '../shapes.js'
import type { PageRequest } from '../store/tenant-store.js'
import type { User, UserStore } from '../users/store.js'
import type { MembershipPatch, MembershipRecord, MembershipUpsert } from './schema.js'
import type { Membership, MembershipStore } from './store.js'

export interface MembershipService {
  list(tenantId: string, page: PageRequest): Promise<Page<MembershipRecord>>
  get(tenantId: string, userId: string): Promise<MembershipRecord>
  /** Adds the person or changes the role. */
  put(target: Omit<Target, 'id'>, input: MembershipUpsert): Promise<MembershipRecord>
  /** Changes the role of somebody who is a member. */
  update(target: Target, input: MembershipPatch): Promise<MembershipRecord>
  remove(target: Target): Promise<void>
}

export interface MembershipServiceOptions {
  readonly memberships: MembershipStore
  readonly users: UserStore
  readonly operatorTokens: OperatorTokenStore
  readonly changes: RunChange
}

export function createMembershipService(options: MembershipServiceOptions): MembershipService {
  const { memberships, users, changes } = options
  return {
    list: async (tenantId, request) => {
      const page = await memberships.page(tenantId, request)
      const items = await Promise.all(page.items.map(async (one) => toRecord(one, await users.find(one.user_id))))
      return { items, next_cursor: page.next_cursor }
    },
    get: async (tenantId, userId) => {
      const membership = await memberships.find(tenantId, userId)
      if (membership === undefined) throw notFound()
      return toRecord(membership, await users.find(userId))
    },
    put: ({ tenantId, caller }, input) => changes({ tenantId, caller, work: (change) => put(options, change, input) }),
    update: ({ tenantId, id, caller }, input) =>
      changes({ tenantId, caller, work: (change) => update(options, change, { userId: id, ...input }) }),
    remove: ({ tenantId, id, caller }) => changes({ tenantId, caller, work: (change) => remove(options, change, id) }),
  }
}

async function put(
  options: MembershipServiceOptions,
  change: Change,
  input: MembershipUpsert,
): Promise<MembershipRecord> {
  const user = await personOf(options, change, input)
  const before = await options.memberships.find(change.tenantId, user.user_id, change.session)
  return await setRole(options, change, { user, before, role: input.role })
}

async function update(
  options: MembershipServiceOptions,
  change: Change,
  { userId, role }: MembershipPatch & { readonly userId: string },
): Promise<MembershipRecord> {
  const before = await options.memberships.find(change.tenantId, userId, change.session)
  const user = await options.users.find(userId, change.session)
  if (before === undefined || user === undefined) throw notFound()
  return await setRole(options, change, { user, before, role: role ?? before.role })
}

interface RoleChange {
  readonly user: User
  readonly before: Membership | undefined
  readonly role: Membership['role']
}

async function setRole(
  options: MembershipServiceOptions,
  change: Change,
  { user, before, role }: RoleChange,
): Promise<MembershipRecord> {
  if (before?.role === role) return toRecord(before, user)
  if (before?.role === 'Owner') await keepAnOwner(options, change)
  const membership: Membership = {
    tenant_id: change.tenantId,
    user_id: user.user_id,
    role,
    created_at: before?.created_at ?? change.now,
    updated_at: change.now,
  }
  await options.memberships.put(membership, change.session)
  const after = toRecord(membership, user)
  change.tell({
    action: before === undefined ? 'membership.create' : 'membership.update',
    resource_type: 'membership',
    resource_id: user.user_id,
    before: before === undefined ? null : toRecord(before, user),
    after,
  })
  return after
}

async function remove(options: MembershipServiceOptions, change: Change, userId: string): Promise<void> {
  const { memberships, users, operatorTokens } = options
  const before = await memberships.find(change.tenantId, userId, change.session)
  if (before === undefined) throw notFound()
  if (before.role === 'Owner') await keepAnOwner(options, change)
  await memberships.remove(change.tenantId, userId, change.session)
  // Somebody who comes back one day has not asked for what was issued before.
  await operatorTokens.removeOfUser(change.tenantId, userId, change.session)
  change.tell({
    action: 'membership.delete',
    resource_type: 'membership',
    resource_id: userId,
    before: toRecord(before, await users.find(userId, change.session)),
    after: null,
  })
}

/** The person named; an address nobody has yet makes an account that waits for its first sign-in. */
async function personOf({ users }: MembershipServiceOptions, change: Change, input: MembershipUpsert): Promise<User> {
  if (input.user_id !== undefined) {
    const known = await users.find(input.user_id, change.session)
    if (known !== undefined) return known
    throw new DomainError('unknown_reference', 'Not valid: user_id.', {
      errors: [{ path: 'user_id', code: 'unknown_reference', message: 'names nobody' }],
    })
  }
  const email = input.email ?? ''
  const known = await users.findByEmail(email, change.session)
  if (known !== undefined) return known
  const user: User = { user_id: newId('usr'), name: input.name ?? email, email, avatar_url: null }
  await users.insert({ ...user, created_at: change.now }, change.session)
  return user
}

/** Called before an Owner stops being one. */
async function keepAnOwner({ memberships }: MembershipServiceOptions, change: Change): Promise<void> {
  if ((await memberships.countOwners(change.tenantId, change.session)) > 1) return
  throw new DomainError('last_owner', 'This is the last Owner of the tenant. Make somebody else Owner first.')
}

function notFound(): DomainError {
  return new DomainError('not_found', 'This tenant has no member with this id.')
}

function toRecord(membership: Membership, user: User | undefined): MembershipRecord {
  return {
    tenant_id: membership.tenant_id,
    user_id: membership.user_id,
    role: membership.role,
    name: user?.name ?? membership.user_id,
    email: user?.email ?? null,
    avatar_url: user?.avatar_url ?? null,
    created_at: membership.created_at.toISOString(),
    updated_at: membership.updated_at.toISOString(),
  }
}
