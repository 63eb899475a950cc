import { expect, it } from 'vitest'
import { z } from 'zod'
import { clauseRecord } from '../explanations/schema.js'
import { noBody, noQuery, route } from '../routing/route.js'
import { openApiDocument } from './document.js'

it('puts a shape that holds others of its kind where every reference to it leads', () => {
  const answer = z.object({ clause: clauseRecord.nullable() })
  const common = { method: 'get', permission: 'event.read', status: 200, summary: 'x', answer } as const
  const routes = ['/one', '/two'].map((path) =>
    route({ ...common, path, body: noBody, query: noQuery, handle: async () => undefined }),
  )
  const document = openApiDocument(routes)
  const text = JSON.stringify(document)
  expect(text).not.toContain('$defs')
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name)
  expect(new Set(references)).toEqual(new Set(['Problem', 'Clause']))
  expect(document).toHaveProperty('components.schemas.Clause.properties.clauses.items.$ref')
  expect(document).toHaveProperty('components.schemas.Problem.type', 'object')
})
