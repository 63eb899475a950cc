import type { BatchHeader, BatchReceipt } from '@esper/core'
import { LIMITS } from '@esper/core'
import { z } from 'zod'
import { readBatchHeader } from '../../batch-format/batch-header.js'
import { parseBatch } from '../../batch-format/parse-batch.js'
import type { IngestionClient } from '../../clients/ingestion-client.js'
import { DomainError } from '../../http/problem.js'
import { validate } from '../../http/validation.js'
import type { SdkApiDeps } from '../sdk-api-contract.js'
import type { VerifiedRequest } from './verify-request.js'

export interface AcceptOptions {
  readonly ingestion: Pick<IngestionClient, 'accept'>
  readonly reportSdk: SdkApiDeps['reportSdk']
  readonly now: () => number
}

export interface EventsRequest extends VerifiedRequest {
  readonly query: URLSearchParams
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  /** `Prefer: handling=strict`: every event is valid, or nothing is stored. */
  readonly strict: boolean
}

const querySchema = z.strictObject({
  batch_id: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 characters of A-Za-z0-9_.-'),
  events: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, 'must be a number')
    .transform(Number)
    .refine((events) => events <= LIMITS.batchEvents, `must be at most ${LIMITS.batchEvents}`),
})

/** Forwards a verified batch, byte for byte, under the tenant, source and trust of its key. */
export async function acceptEvents(options: AcceptOptions, request: EventsRequest): Promise<BatchReceipt> {
  requireNdjson(request.contentType)
  const contentEncoding = encodingOf(request.contentEncoding)
  const { batch_id: batchId, events } = validate(querySchema, Object.fromEntries(request.query))
  const { key, body } = request
  if (body.length === 0) throw new DomainError('malformed_request', 'The batch is empty.')
  if (request.strict) requireValid(body, contentEncoding)
  const receipt = await options.ingestion.accept({
    tenantId: key.tenant_id,
    sourceId: key.source_id,
    trustLevel: key.trust_level,
    apiKeyId: key.api_key_id,
    batchId,
    events,
    retentionSeconds: key.retention_seconds,
    contentEncoding,
    body,
  })
  const header = contentEncoding === undefined ? readBatchHeader(body) : undefined
  // Who says itself what it captures is no SDK: an importer is not counted among those that a change has to reach.
  if (header !== undefined && header.captured === undefined) report(options, request, header)
  return receipt
}

function report({ reportSdk, now }: AcceptOptions, { key }: EventsRequest, header: BatchHeader): void {
  const { tenant_id, source_id } = key
  const { instance_id, sdk, revision, loss } = header
  const said = { instance_id, sdk, revision, ...(loss === undefined ? {} : { loss }) }
  reportSdk({ tenant_id, source_id, ...said, by: 'batch', at: now() })
}

function requireNdjson(contentType: string | undefined): void {
  if (contentType !== undefined && /^application\/(?:x-)?ndjson\s*(?:;|$)/i.test(contentType)) return
  throw new DomainError('unsupported_media_type', 'Send a batch as application/x-ndjson.')
}

function encodingOf(contentEncoding: string | undefined): 'br' | 'gzip' | undefined {
  if (contentEncoding === undefined || contentEncoding === 'br' || contentEncoding === 'gzip') return contentEncoding
  throw new DomainError('unsupported_media_type', 'A batch may be compressed by br or gzip, once, or not at all.')
}

function requireValid(body: Buffer, contentEncoding: 'br' | 'gzip' | undefined): void {
  const { problems } = parseBatch(body, contentEncoding)
  if (problems.length === 0) return
  const errors = problems.map(({ line, reason }) => ({
    path: `lines.${line}`,
    code: reason,
    message: `line ${line}: ${reason.replaceAll('_', ' ')}`,
  }))
  throw new DomainError('validation_failed', 'Some lines of the batch are not valid; nothing was stored.', { errors })
}
