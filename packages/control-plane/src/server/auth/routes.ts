import type { MembershipStore } from '../memberships/store.js'
import { type Caller, noBody, noQuery, type Route, route } from '../routing/route.js'
import type { TenantStoreOfTenants } from '../tenants/store.js'
import type { UserStore } from '../users/store.js'
import { lowerRole } from './permissions.js'
import { type MeRecord, meRecord } from './schema.js'

export interface MeRoutesOptions {
  readonly users: UserStore
  readonly memberships: MembershipStore
  readonly tenants: TenantStoreOfTenants
}

export function meRoutes(options: MeRoutesOptions): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/me',
      permission: 'signed_in',
      status: 200,
      summary: 'Who is signed in, and what they are a member of',
      body: noBody,
      query: noQuery,
      answer: meRecord,
      handle: ({ caller }) => me(options, caller),
    }),
  ]
}

async function me({ users, memberships, tenants }: MeRoutesOptions, caller: Caller): Promise<MeRecord> {
  const { userId, limits } = caller
  const user = await users.find(userId)
  const all = await memberships.ofUser(userId)
  const mine = limits === undefined ? all : all.filter(({ tenant_id }) => tenant_id === limits.tenantId)
  const known = await tenants.findAll(mine.map(({ tenant_id }) => tenant_id))
  const roles = new Map(mine.map(({ tenant_id, role }) => [tenant_id, lowerRole(role, limits?.role)]))
  return {
    user: {
      user_id: userId,
      name: user?.name ?? '',
      email: user?.email ?? null,
      avatar_url: user?.avatar_url ?? null,
    },
    memberships: known.flatMap(({ tenant_id, name, slug }) => {
      const role = roles.get(tenant_id)
      return role === undefined ? [] : [{ tenant_id, name, slug, role }]
    }),
  }
}
