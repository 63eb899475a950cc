import { type ZodType, z } from 'zod'
import type { Permission } from '../auth/permissions.js'
import { noBody, noQuery, type Route, route } from '../routing/route.js'
import { pageQueryShape } from '../shapes.js'
import type { ResourceService } from './service.js'

/** `?limit&cursor`. */
export const pageQuery = z.strictObject(pageQueryShape)

export function pageOf(item: ZodType): ZodType {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() })
}

export interface ResourceRoutesOptions<T, C extends ZodType, P extends ZodType> {
  /** Below the tenant, for example `actions`. */
  readonly collection: string
  readonly noun: string
  readonly read: Permission
  readonly write: Permission
  readonly service: ResourceService<T, z.output<C>, z.output<P>>
  readonly create: C
  readonly patch: P
  readonly record: ZodType
  /** Of an item by itself, where that says more than the item in the collection. Default `record`. */
  readonly item?: ZodType
  readonly maxBodyBytes?: number
}

/** GET and POST on the collection, GET, PATCH and DELETE on an item. */
export function resourceRoutes<T, C extends ZodType, P extends ZodType>(
  options: ResourceRoutesOptions<T, C, P>,
): readonly Route[] {
  const { collection, noun, read, write, service, record, item = record } = options
  const bodies = options.maxBodyBytes === undefined ? {} : { maxBodyBytes: options.maxBodyBytes }
  const all = `/tenants/:tenant_id/${collection}`
  const one = `${all}/:id`
  return [
    route({
      ...{ method: 'get', path: all, permission: read, status: 200, summary: `List every ${noun}` },
      ...{ body: noBody, query: pageQuery, answer: pageOf(record) },
      handle: ({ tenantId, query }) => service.list(tenantId, query),
    }),
    route({
      ...{ method: 'post', path: all, permission: write, status: 201, summary: `Create: ${noun}` },
      ...{ body: options.create, query: noQuery, answer: item, ...bodies },
      handle: ({ tenantId, caller, body }) => service.create({ tenantId, caller }, body),
    }),
    route({
      ...{ method: 'get', path: one, permission: read, status: 200, summary: `Show: ${noun}` },
      ...{ body: noBody, query: noQuery, answer: item },
      handle: ({ tenantId, id }) => service.get(tenantId, id),
    }),
    route({
      ...{ method: 'patch', path: one, permission: write, status: 200, summary: `Change: ${noun}` },
      ...{ body: options.patch, query: noQuery, answer: item, ...bodies },
      handle: ({ tenantId, id, caller, body }) => service.update({ tenantId, id, caller }, body),
    }),
    route({
      ...{ method: 'delete', path: one, permission: write, status: 204, summary: `Delete: ${noun}` },
      ...{ body: noBody, query: noQuery },
      handle: ({ tenantId, id, caller }) => service.remove({ tenantId, id, caller }),
    }),
  ]
}
