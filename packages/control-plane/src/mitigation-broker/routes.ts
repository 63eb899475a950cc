import type { Express } from 'express'
import type { DecisionRecord } from '../contract/mitigation.js'
import { jsonBody } from '../http/json-body.js'
import { DomainError } from '../http/problem.js'
import { requireServiceToken } from '../http/service-token.js'
import { validate } from '../http/validation.js'
import type { MitigationBroker } from './broker.js'
import { deltaPage, lookup } from './deltas.js'
import { type MitigationStore, toStored } from './mitigation-store.js'
import type { PublicationStore } from './publication-store.js'
import {
  decisionLookupSchema,
  decisionsSchema,
  deltasSchema,
  endSchema,
  liveSchema,
  lookupSchema,
  publicationSchema,
  releaseSchema,
  spanSchema,
  tenantSchema,
} from './request-schemas.js'
import { policyResults, series } from './results.js'
import { type StreamOptions, serveStream } from './stream.js'

export interface MitigationRoutes {
  readonly serviceToken: string
  readonly broker: MitigationBroker
  readonly publications: PublicationStore
  readonly mitigations: MitigationStore
  readonly stream: StreamOptions
  readonly now: () => number
}

const BASE = '/internal/v1'
/** A publication of a full claim is some megabytes. */
const MAX_BODY_BYTES = 16 * 1_048_576

export function mitigationRoutes(app: Express, routes: MitigationRoutes): void {
  app.use(BASE, requireServiceToken(routes.serviceToken), jsonBody({ maxBytes: MAX_BODY_BYTES }))
  changingRoutes(app, routes)
  mitigationReadRoutes(app, routes)
  resultRoutes(app, routes)
}

function changingRoutes(app: Express, { broker }: MitigationRoutes): void {
  app.post(`${BASE}/publications`, async (request, response) => {
    response.json(await broker.publish(validate(publicationSchema, request.body)))
  })
  app.post(`${BASE}/mitigations/end`, async (request, response) => {
    response.json(await broker.end(validate(endSchema, request.body)))
  })
  app.post(`${BASE}/mitigations/release`, async (request, response) => {
    response.json(await broker.release(validate(releaseSchema, request.body)))
  })
}

function mitigationReadRoutes(app: Express, { mitigations, stream, now }: MitigationRoutes): void {
  app.post(`${BASE}/mitigations/lookup`, async (request, response) => {
    response.json({ items: await lookup(mitigations, validate(lookupSchema, request.body)) })
  })
  app.get(`${BASE}/mitigations`, async (request, response) => {
    const { tenant_id: tenantId, scope, since } = validate(deltasSchema, request.query)
    response.json(await deltaPage(mitigations, { tenantId, scope, since, now: now() }))
  })
  app.get(`${BASE}/mitigations/active/:id`, async (request, response) => {
    const { tenant_id: tenantId } = validate(tenantSchema, request.query)
    const found = await mitigations.findLive(tenantId, request.params.id, { now: now() })
    if (found === undefined) throw new DomainError('not_found', 'No active mitigation with this id is live.')
    response.json(toStored(found))
  })
  app.get(`${BASE}/mitigations/live`, async (request, response) => {
    const query = validate(liveSchema, request.query)
    const items = await mitigations.live({
      tenantId: query.tenant_id,
      policyId: query.policy_id,
      beforeSequence: query.cursor,
      now: now(),
      limit: query.limit,
    })
    const last = items.at(-1)
    const more = last !== undefined && items.length === query.limit
    response.json({ items, next_cursor: more ? String(last.sequence) : null })
  })
  app.get(`${BASE}/stream`, async (request, response) => {
    const resume = request.headers['last-event-id']
    await serveStream(stream, response, typeof resume === 'string' ? resume : undefined)
  })
}

function resultRoutes(app: Express, { publications }: MitigationRoutes): void {
  app.get(`${BASE}/results/policies`, async (request, response) => {
    const { tenant_id: tenantId, from, to } = validate(spanSchema, request.query)
    response.json(await policyResults(publications, { tenantId, from, to }))
  })
  app.get(`${BASE}/results/series`, async (request, response) => {
    const { tenant_id: tenantId, from, to, policy_id: policyId } = validate(spanSchema, request.query)
    response.json(await series(publications, { tenantId, from, to, policyId }))
  })
  app.post(`${BASE}/decisions/lookup`, async (request, response) => {
    const { tenant_id: tenantId, events } = validate(decisionLookupSchema, request.body)
    response.json({ items: await publications.decisionsOf(tenantId, events) })
  })
  app.get(`${BASE}/decisions`, async (request, response) => {
    const query = validate(decisionsSchema, request.query)
    const items = await publications.decisions({
      tenantId: query.tenant_id,
      policyId: query.policy_id,
      from: query.from,
      to: query.to,
      after: query.cursor === undefined ? undefined : decodeCursor(query.cursor),
      limit: query.limit,
    })
    response.json({ items, next_cursor: items.length === query.limit ? encodeCursor(items.at(-1)) : null })
  })
}

function encodeCursor(last: DecisionRecord | undefined): string | null {
  return last === undefined ? null : `${last.observed_at}.${last.decision_id}`
}

function decodeCursor(cursor: string): { readonly observedAt: number; readonly id: string } {
  const [, observedAt, id] = /^(\d{1,16})\.(.{1,200})$/.exec(cursor) ?? []
  if (observedAt === undefined || id === undefined) {
    throw new DomainError('malformed_request', 'cursor: take it from next_cursor of the page before.')
  }
  return { observedAt: Number(observedAt), id }
}
