import { type ZodType, z } from 'zod'
import { PROBLEM_TYPE } from '../../http/problem.js'
import type { Route } from '../routing/route.js'

/** The operator API in OpenAPI 3.1, from the same schemas that validate its requests. */
export function openApiDocument(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = `/api/v1${route.path.replace(/:([a-z_]+)/g, '{$1}')}`
    paths[path] = { ...paths[path], [route.method]: operationOf(route) }
  }
  const definitions = new Map<string, unknown>([['Problem', PROBLEM_SCHEMA]])
  const shared = withoutDefinitions(paths, definitions)
  return {
    openapi: '3.1.0',
    info: { title: 'Esper operator API', version: 'v1' },
    security: [{ bearer: [] }, { session: [] }],
    paths: shared,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An operator token (eop_…).' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-esper-session' },
      },
      schemas: Object.fromEntries(definitions),
    },
  }
}

/** A shape that names itself, such as one that holds others of its kind, stands once in the document. */
function withoutDefinitions(value: unknown, definitions: Map<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutDefinitions(item, definitions))
  if (typeof value !== 'object' || value === null) return value
  const { $defs, ...rest }: Readonly<Record<string, unknown>> = { ...value }
  for (const [name, definition] of Object.entries({ ...asObject($defs) })) {
    if (!definitions.has(name)) {
      definitions.set(name, undefined)
      definitions.set(name, withoutDefinitions(definition, definitions))
    }
  }
  const entries = Object.entries(rest).map(([name, inner]) => [
    name,
    name === '$ref' && typeof inner === 'string'
      ? inner.replace('#/$defs/', '#/components/schemas/')
      : withoutDefinitions(inner, definitions),
  ])
  return Object.fromEntries(entries)
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'code', 'message'],
        properties: {
          path: { type: 'string' },
          code: { type: 'string' },
          message: { type: 'string' },
          line: { type: 'integer' },
          column: { type: 'integer' },
        },
      },
    },
  },
} as const

function operationOf(route: Route): object {
  const success = route.answer === undefined ? {} : { content: jsonContent(schemaOf(route.answer, 'output')) }
  const problem = {
    description: 'A problem.',
    content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  return {
    summary: route.summary,
    operationId: `${route.method}${route.path.replace(/[^a-z]+/g, '_')}`,
    parameters: [...pathParameters(route.path), ...queryParameters(route.querySchema)],
    ...(hasBody(route)
      ? { requestBody: { required: true, content: jsonContent(schemaOf(route.bodySchema, 'input')) } }
      : {}),
    responses: { [route.status]: { description: 'Success.', ...success }, default: problem },
  }
}

function hasBody(route: Route): boolean {
  return route.method === 'post' || route.method === 'patch'
}

function jsonContent(schema: object): object {
  return { 'application/json': { schema } }
}

function pathParameters(path: string): object[] {
  const names = [...path.matchAll(/:([a-z_]+)/g)].map(([, name]) => name)
  return names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
}

function queryParameters(schema: ZodType): object[] {
  const { properties } = schemaOf(schema, 'input')
  if (typeof properties !== 'object' || properties === null) return []
  return Object.entries(properties).map(([name, shape]) => ({ name, in: 'query', required: false, schema: shape }))
}

function schemaOf(schema: ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
