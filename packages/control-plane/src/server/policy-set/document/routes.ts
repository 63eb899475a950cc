import { z } from 'zod'
import { noBody, noQuery, type Route, route } from '../../routing/route.js'
import { policySetApplied, policySetApplyInput, policySetPlan, policySetPlanInput } from './schema.js'
import type { PolicySetService } from './service.js'

const ALL = '/tenants/:tenant_id/policy-set'
/** Lists with all their entries are part of it. */
const BODIES = { maxBodyBytes: 33_554_432 } as const

export function policySetRoutes(service: PolicySetService): readonly Route[] {
  return [
    route({
      ...{ method: 'get', path: ALL, permission: 'resource.read', status: 200 },
      summary: 'The whole policy set as one document, without ids',
      ...{ body: noBody, query: noQuery, answer: z.record(z.string(), z.unknown()) },
      handle: ({ tenantId }) => service.export(tenantId),
    }),
    route({
      ...{ method: 'post', path: `${ALL}/plan`, permission: 'resource.read', status: 200 },
      summary: 'What applying a document would change',
      ...{ body: policySetPlanInput, query: noQuery, answer: policySetPlan, ...BODIES },
      handle: ({ tenantId, caller, body }) => service.plan({ tenantId, caller }, body.document),
    }),
    route({
      ...{ method: 'post', path: `${ALL}/apply`, permission: 'resource.write', status: 200 },
      summary: 'Make the policy set what the document says, in one step or not at all',
      ...{ body: policySetApplyInput, query: noQuery, answer: policySetApplied, ...BODIES },
      handle: ({ tenantId, caller, body }) => service.apply({ tenantId, caller }, body),
    }),
  ]
}
