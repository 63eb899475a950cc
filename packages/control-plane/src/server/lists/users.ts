import type { ClientSession } from '../../database/types.js'
import { DomainError } from '../../http/problem.js'
import { type ExpressionScope, lowered } from '../expressions/lowered.js'
import type { ExpressionKind } from '../expressions/schema.js'
import { loadResources, type ResourceStores } from '../policy-set/resources.js'
import type { TenantStoreOfTenants } from '../tenants/store.js'
import type { ListUser } from './schema.js'

export type FindListUsers = (of: {
  readonly tenantId: string
  readonly listId: string
  readonly session?: ClientSession
}) => Promise<readonly ListUser[]>

export interface ListUsersOptions {
  readonly tenants: Pick<TenantStoreOfTenants, 'find'>
  readonly resources: ResourceStores
}

/** Finds what looks values up in a list, disabled resources included. */
export function createFindListUsers({ tenants, resources: stores }: ListUsersOptions): FindListUsers {
  return async ({ tenantId, listId, session }) => {
    const tenant = await tenants.find(tenantId, session)
    if (tenant === undefined) return []
    const { lists, ...resources } = await loadResources(stores, tenant, session)
    const ids = new Map(lists.map(({ name, list_id }) => [name, list_id]))
    const scope = { clearCookies: tenant.clear_cookies, lists: ids }
    const names = (kind: ExpressionKind, expression: string | null) => namesList(expression, { kind, scope, listId })
    return [
      ...resources.actions
        .filter(({ expression }) => names('action', expression))
        .map(({ action_id: resource_id, name, enabled }) => user('action', { resource_id, name, enabled })),
      ...resources.entityDefinitions
        .filter(({ match_expression }) => names('match', match_expression))
        .map(({ entity_definition_id: resource_id, name, enabled }) =>
          user('entity_definition', { resource_id, name, enabled }),
        ),
      ...resources.policies
        .filter(({ expression }) => names('policy', expression))
        .map(({ policy_id: resource_id, name, enabled }) => user('policy', { resource_id, name, enabled })),
      ...resources.exemptions
        .filter(({ expression, list_id }) => list_id === listId || names('exemption', expression))
        .map(({ exemption_id: resource_id, name, enabled }) => user('exemption', { resource_id, name, enabled })),
    ]
  }
}

function user(resource_type: ListUser['resource_type'], rest: Omit<ListUser, 'resource_type'>): ListUser {
  return { resource_type, ...rest }
}

interface Looked {
  readonly kind: ExpressionKind
  readonly scope: ExpressionScope
  readonly listId: string
}

/** An expression that cannot be saved any more, as of a disabled policy, needs nothing. */
function namesList(expression: string | null, { kind, scope, listId }: Looked): boolean {
  if (expression === null) return false
  try {
    return lowered(expression, { kind, scope, path: '' }).lists.some(({ list_id }) => list_id === listId)
  } catch (error) {
    if (error instanceof DomainError) return false
    throw error
  }
}
