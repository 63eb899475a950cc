import { ROLES, type Role } from '../memberships/schema.js'

/** What a member may do, one word a thing. What is not listed for a role is refused. */
export const PERMISSIONS = [
  'tenant.read',
  'tenant.update',
  'tenant.delete',
  'member.read',
  'member.write',
  'api_key.read',
  'api_key.write',
  'operator_token.read',
  'operator_token.write',
  'resource.read',
  'resource.write',
  'exemption.write',
  'results.read',
  'event.read',
  'active_mitigation.read',
  'active_mitigation.release',
  'audit.read',
  'expression.check',
] as const
export type Permission = (typeof PERMISSIONS)[number]

const VIEWER: readonly Permission[] = [
  'tenant.read',
  'member.read',
  'api_key.read',
  'resource.read',
  'results.read',
  'event.read',
  'active_mitigation.read',
  'audit.read',
  'expression.check',
]
const ANALYST: readonly Permission[] = [...VIEWER, 'active_mitigation.release', 'exemption.write']
const ADMIN: readonly Permission[] = [
  ...ANALYST,
  'resource.write',
  'api_key.write',
  'operator_token.read',
  'operator_token.write',
]
const OWNER: readonly Permission[] = [...ADMIN, 'tenant.update', 'tenant.delete', 'member.write']

const ALLOWED: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  Viewer: new Set(VIEWER),
  Analyst: new Set(ANALYST),
  Admin: new Set(ADMIN),
  Owner: new Set(OWNER),
}

export function mayDo(role: Role, permission: Permission): boolean {
  return ALLOWED[role].has(permission)
}

/** Whether a role includes nothing that the other does not. */
export function isAtMost(role: Role, most: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(most)
}

/** What is left of a role under a limit. */
export function lowerRole(role: Role, limit: Role | undefined): Role {
  return limit === undefined || isAtMost(role, limit) ? role : limit
}
