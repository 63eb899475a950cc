import { lowerExpression } from '../../expressions/index.js'
import { noQuery, type Route, route } from '../routing/route.js'
import { type ExpressionCheck, expressionCheck, expressionCheckInput } from './schema.js'

export function expressionRoutes(): readonly Route[] {
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
      handle: async ({ body }) => check(body.expression),
    }),
  ]
}

function check(expression: string): ExpressionCheck {
  const result = lowerExpression(expression)
  if (!result.ok) return { ok: false, errors: [...result.errors] }
  return { ok: true, fields: [...result.fields], warnings: [...result.warnings] }
}
