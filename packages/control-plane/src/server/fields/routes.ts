import { FIELD_CATALOG } from '@esper/core'
import { pageOf, pageQuery } from '../resources/routes.js'
import { noBody, type Route, route } from '../routing/route.js'
import { fieldRecord } from './schema.js'

export function fieldRoutes(): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/tenants/:tenant_id/fields',
      permission: 'resource.read',
      status: 200,
      summary: 'The fields that expressions and key fields can read',
      body: noBody,
      query: pageQuery,
      answer: pageOf(fieldRecord),
      handle: async () => ({ items: FIELD_CATALOG, next_cursor: null }),
    }),
  ]
}
