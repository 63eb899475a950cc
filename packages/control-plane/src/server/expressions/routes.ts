import { Evaluator, type ExpressionOptions, FUNCTION_ENTRIES, lowerExpression } from '../../expressions/index.js'
import { currentContents } from '../lists/contents.js'
import type { ListStore } from '../lists/store.js'
import { pageOf, pageQuery } from '../resources/routes.js'
import { noBody, noQuery, type Route, route } from '../routing/route.js'
import type { TenantService } from '../tenants/service.js'
import {
  type ExpressionCheck,
  expressionCheck,
  expressionCheckInput,
  expressionEvalInput,
  expressionEvaluation,
  type FunctionRecord,
  functionRecord,
} from './schema.js'

export interface ExpressionRoutesOptions {
  /** Tells which cookies may be compared. */
  readonly tenants: Pick<TenantService, 'get'>
  readonly lists: Pick<ListStore, 'ids' | 'entries'>
}

export function expressionRoutes({ tenants, lists }: ExpressionRoutesOptions): readonly Route[] {
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
        return check(expression, { kind, clearCookies, lists: await lists.ids(tenantId) })
      },
    }),
    route({
      method: 'post',
      path: '/tenants/:tenant_id/expressions/eval',
      permission: 'expression.check',
      status: 200,
      summary: 'Evaluate an expression on a record without saving anything',
      body: expressionEvalInput,
      query: noQuery,
      answer: expressionEvaluation,
      handle: async ({ tenantId, body: { expression, kind, input } }) => {
        const { clear_cookies: clearCookies } = await tenants.get(tenantId)
        const options = { kind, clearCookies, lists: await lists.ids(tenantId) }
        const lowered = lowerExpression(expression, options)
        const contents = await currentContents(lists, tenantId, lowered.ok ? lowered.lists : [])
        return new Evaluator(options, contents).evaluate(expression, input)
      },
    }),
    route({
      method: 'get',
      path: '/tenants/:tenant_id/functions',
      permission: 'resource.read',
      status: 200,
      summary: 'The functions that expressions can call',
      body: noBody,
      query: pageQuery,
      answer: pageOf(functionRecord),
      handle: async () => ({ items: FUNCTIONS, next_cursor: null }),
    }),
  ]
}

/** The table of the documents, whose cells are Markdown, as plain text. */
const FUNCTIONS: readonly FunctionRecord[] = FUNCTION_ENTRIES.map(({ form, meaning, example }) => ({
  form: form.replaceAll('`', ''),
  meaning: meaning.replaceAll('`', ''),
  example,
}))

function check(expression: string, options: ExpressionOptions): ExpressionCheck {
  const result = lowerExpression(expression, options)
  if (!result.ok) return { ok: false, errors: [...result.errors] }
  return { ok: true, fields: [...result.fields], warnings: [...result.warnings] }
}
