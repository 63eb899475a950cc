import { LIMITS } from '@esper/core'
import type { Express, Request, Response } from 'express'
import { BATCH_HEADERS, type IngestionStats } from '../contract/ingestion.js'
import { jsonBody } from '../http/json-body.js'
import { DomainError } from '../http/problem.js'
import { readRawBody } from '../http/raw-body.js'
import { requireServiceToken } from '../http/service-token.js'
import { validate } from '../http/validation.js'
import { acknowledge, type ClaimsOptions, claimBatches, extendLease, releaseClaim } from './claims.js'
import { type FeedOptions, findEvent, listEvents } from './feed.js'
import { acceptBatch, type IntakeOptions } from './intake.js'
import {
  ackSchema,
  batchHeadersSchema,
  claimSchema,
  eventSchema,
  eventsSchema,
  extendSchema,
  releaseSchema,
  statsSchema,
} from './request-schemas.js'

export interface IngestionRoutes {
  readonly serviceToken: string
  readonly intake: IntakeOptions
  readonly claims: ClaimsOptions
  readonly feed: FeedOptions
  readonly stats: (tenantId: string | undefined) => Promise<IngestionStats>
  /** Aborts when the process begins to stop: waiting claims answer at once. */
  readonly stopping: AbortSignal
}

const BASE = '/internal/v1'

export function ingestionRoutes(app: Express, routes: IngestionRoutes): void {
  app.use(BASE, requireServiceToken(routes.serviceToken))
  app.post(`${BASE}/batches`, async (request, response) => {
    response.status(202).json(await acceptBatch(routes.intake, await readBatch(request)))
  })
  app.use(BASE, jsonBody())
  claimRoutes(app, routes)
  app.get(`${BASE}/stats`, async (request, response) => {
    response.json(await routes.stats(validate(statsSchema, request.query).tenant_id))
  })
  app.get(`${BASE}/events`, async (request, response) => {
    const query = validate(eventsSchema, request.query)
    const { tenant_id: tenantId, source_id: sourceId, clear_cookies: clearCookies, ...rest } = query
    response.json(await listEvents(routes.feed, { tenantId, sourceId, clearCookies, ...rest }))
  })
  app.get(`${BASE}/events/:eventId`, async (request, response) => {
    const query = validate(eventSchema, request.query)
    const { tenant_id: tenantId, observed_at: observedAt, clear_cookies: clearCookies } = query
    const { eventId } = request.params
    const event = await findEvent(routes.feed, { tenantId, eventId, observedAt, clearCookies })
    if (event === undefined) throw new DomainError('not_found', `No event ${eventId} is kept.`)
    response.json(event)
  })
}

function claimRoutes(app: Express, { claims, stopping }: IngestionRoutes): void {
  app.post(`${BASE}/claims`, async (request, response) => {
    const body = validate(claimSchema, request.body)
    const signal = AbortSignal.any([stopping, closedSignal(response)])
    const answer = await claimBatches(claims, body, signal)
    if (answer.claim !== undefined && response.closed) {
      // Nobody is there to work on it: another worker need not wait for the lease.
      await releaseClaim(claims, answer.claim.claim_id, undefined)
      return
    }
    response.json(answer)
  })
  app.post(`${BASE}/claims/:claimId/ack`, async (request, response) => {
    await acknowledge(claims, request.params.claimId, validate(ackSchema, request.body)?.decided ?? [])
    response.status(204).end()
  })
  app.post(`${BASE}/claims/:claimId/extend`, async (request, response) => {
    await extendLease(claims, request.params.claimId, validate(extendSchema, request.body).lease_ms)
    response.status(204).end()
  })
  app.post(`${BASE}/claims/:claimId/release`, async (request, response) => {
    await releaseClaim(claims, request.params.claimId, validate(releaseSchema, request.body)?.error)
    response.status(204).end()
  })
}

async function readBatch(request: Request) {
  const headers = validate(batchHeadersSchema, request.headers)
  const body = await readRawBody(request, { maxBytes: LIMITS.batchWireBytes })
  return {
    tenantId: headers[BATCH_HEADERS.tenantId],
    // Percent-encoded, since a header carries no other text than ASCII.
    sourceId: decodeURIComponent(headers[BATCH_HEADERS.sourceId]),
    trustLevel: headers[BATCH_HEADERS.trustLevel],
    apiKeyId: headers[BATCH_HEADERS.apiKeyId],
    batchId: headers[BATCH_HEADERS.batchId],
    events: headers[BATCH_HEADERS.events],
    retentionSeconds: headers[BATCH_HEADERS.retentionSeconds],
    contentEncoding: headers['content-encoding'],
    body,
  }
}

function closedSignal(response: Response): AbortSignal {
  const closed = new AbortController()
  response.once('close', () => closed.abort())
  return closed.signal
}
