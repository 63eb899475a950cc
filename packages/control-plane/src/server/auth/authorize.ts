import { DomainError } from '../../http/problem.js'
import type { RunChange } from '../changes/change.js'
import type { MembershipStore } from '../memberships/store.js'
import type { Caller, Route } from '../routing/route.js'
import { lowerRole, mayDo } from './permissions.js'

/** Throws unless the caller may use the route for this tenant now: the role is read from the database each time. */
export type Authorize = (caller: Caller, route: Pick<Route, 'permission' | 'method'>, tenantId: string) => Promise<void>

export interface AuthorizeOptions {
  readonly memberships: MembershipStore
  readonly changes: RunChange
}

export function createAuthorize({ memberships, changes }: AuthorizeOptions): Authorize {
  return async (caller, { permission, method }, tenantId) => {
    const { limits } = caller
    if (permission === 'signed_in') {
      if (limits === undefined || method === 'get') return
      throw new DomainError('forbidden', 'This operator token is for one tenant, and cannot make another one.')
    }
    if (limits !== undefined && limits.tenantId !== tenantId) throw noSuchTenant()
    const membership = await memberships.find(tenantId, caller.userId)
    // To somebody outside, a tenant that exists and one that does not look the same.
    if (membership === undefined) throw noSuchTenant()
    const role = lowerRole(membership.role, limits?.role)
    if (mayDo(role, permission)) return
    const refused = {
      action: `${permission}.refused`,
      resource_type: 'tenant',
      resource_id: tenantId,
      before: null,
      after: { role, permission },
    }
    await changes({ tenantId, caller, work: async (change) => void change.tell(refused) })
    throw new DomainError('forbidden', `The role ${role} does not include ${permission}. Ask an Owner.`)
  }
}

function noSuchTenant(): DomainError {
  return new DomainError('not_found', 'There is no such tenant.')
}
