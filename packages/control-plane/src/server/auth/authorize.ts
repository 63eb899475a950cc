import { DomainError } from '../../http/problem.js'
import type { RunChange } from '../changes/change.js'
import type { MembershipStore } from '../memberships/store.js'
import type { Caller, Route } from '../routing/route.js'
import { mayDo } from './permissions.js'

/** Throws unless the caller may use the route for this tenant now: the role is read from the database each time. */
export type Authorize = (caller: Caller, route: Route, tenantId: string) => Promise<void>

export interface AuthorizeOptions {
  readonly memberships: MembershipStore
  readonly changes: RunChange
}

export function createAuthorize({ memberships, changes }: AuthorizeOptions): Authorize {
  return async (caller, { permission }, tenantId) => {
    if (permission === 'signed_in') return
    const membership = await memberships.find(tenantId, caller.userId)
    // To somebody outside, a tenant that exists and one that does not look the same.
    if (membership === undefined) throw new DomainError('not_found', 'There is no such tenant.')
    if (mayDo(membership.role, permission)) return
    const refused = {
      action: `${permission}.refused`,
      resource_type: 'tenant',
      resource_id: tenantId,
      before: null,
      after: { role: membership.role, permission },
    }
    await changes({ tenantId, caller, work: async (change) => void change.tell(refused) })
    throw new DomainError('forbidden', `The role ${membership.role} does not include ${permission}. Ask an Owner.`)
  }
}
