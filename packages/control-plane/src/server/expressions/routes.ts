import { type ExpressionOptions, lowerExpression } from '../../expressions/index.js'
import { noQuery, type Route, route } from '../routing/route.js'
import type { TenantService } from '../tenants/service.js'
import { type ExpressionCheck, expressionCheck, expressionCheckInput } from './schema.js'

/** `tenants` tells which cookies may be compared. */
export function expressionRoutes(tenants: Pick<TenantService, 'get'>): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/tenants/:tenant_id/expressions/check',
      permission: 'expression.check',
      status: 200,
      summary: 'Check an expression without saving anything',
      body: expressionCheckInput,
      query: noQuery,
      answer: expressionCheck,
      handle: async ({ tenantId, body: { expression, kind } }) => {
        const { clear_cookies: clearCookies } = await tenants.get(tenantId)
        return check(expression, { kind, clearCookies })
      },
    }),
  ]
}

function check(expression: string, options: ExpressionOptions): ExpressionCheck {
  const result = lowerExpression(expression, options)
  if (!result.ok) return { ok: false, errors: [...result.errors] }
  return { ok: true, fields: [...result.fields], warnings: [...result.warnings] }
}
