import { type ZodType, z } from 'zod'
import { validate } from '../../http/validation.js'
import type { AuditActor } from '../audit/schema.js'
import type { Permission } from '../auth/permissions.js'
import type { Role } from '../memberships/schema.js'

/** Who calls, as the audit log names it. */
export interface Caller {
  readonly userId: string
  readonly actor: AuditActor
  readonly ip: string | null
  /** Of an operator token that is for one tenant. */
  readonly limits?: CallerLimits
}

/** The most that whoever calls may do, whatever the role of the person behind it. */
export interface CallerLimits {
  readonly tenantId: string
  readonly role: Role
}

/** A validated call. `tenantId` is empty on routes that are not below a tenant. */
export interface Call<Body, Query> {
  readonly caller: Caller
  readonly tenantId: string
  readonly body: Body
  readonly query: Query
  /** The last id of the path. */
  readonly id: string
}

/** Of calls without a body; an empty object is what many clients send for none. */
export const noBody = z.union([z.undefined(), z.strictObject({})], { error: 'this call takes no body' })

/** Of calls without query parameters. */
export const noQuery = z.strictObject({})

/** What a request brings before anything in it is believed. */
export interface RawCall {
  readonly caller: Caller
  readonly params: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: unknown
  readonly query: unknown
}

interface RouteBase {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  /** Below `/api/v1`, for example `/tenants/:tenant_id/actions/:id`. */
  readonly path: string
  /** `signed_in` asks for no membership. */
  readonly permission: Permission | 'signed_in'
  /** Of a success; a 204 has no body. */
  readonly status: 200 | 201 | 204
  readonly summary: string
  /** Most bytes of a request's body. Default 262,144. */
  readonly maxBodyBytes?: number
  /** Shape of the answer, for the OpenAPI document. */
  readonly answer?: ZodType
}

/** A route as data: mounting, the OpenAPI document and the tests that visit every route read the same list. */
export interface Route extends RouteBase {
  readonly bodySchema: ZodType
  readonly querySchema: ZodType
  run(call: RawCall): Promise<unknown>
}

export interface RouteDefinition<B extends ZodType, Q extends ZodType> extends RouteBase {
  readonly body: B
  readonly query: Q
  handle(call: Call<z.output<B>, z.output<Q>>): Promise<unknown>
}

/** Authorise, validate, one call of the service: everything a route does. */
export function route<B extends ZodType, Q extends ZodType>(definition: RouteDefinition<B, Q>): Route {
  const { body, query, handle, ...base } = definition
  return {
    ...base,
    bodySchema: body,
    querySchema: query,
    run: async (raw) => {
      const call: Call<z.output<B>, z.output<Q>> = {
        caller: raw.caller,
        tenantId: textParam(raw, 'tenant_id'),
        id: textParam(raw, 'id'),
        body: validate(body, raw.body),
        query: validate(query, raw.query),
      }
      return handle(call)
    },
  }
}

function textParam(raw: RawCall, name: string): string {
  const value = raw.params[name]
  return typeof value === 'string' ? value : ''
}
