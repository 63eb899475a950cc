import { LIMITS, TRUST_LEVELS } from '@esper/core'
import { z } from 'zod'
import { BATCH_HEADERS, type ClaimRequest, type DecidedBatch } from '../contract/ingestion.js'

const tenantId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

export const batchHeadersSchema = z.object({
  [BATCH_HEADERS.tenantId]: tenantId,
  [BATCH_HEADERS.sourceId]: z.string().min(1).max(128),
  [BATCH_HEADERS.trustLevel]: z.enum(TRUST_LEVELS),
  [BATCH_HEADERS.apiKeyId]: z.string().min(1).max(64),
  [BATCH_HEADERS.batchId]: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/),
  [BATCH_HEADERS.events]: z.coerce.number().int().min(1).max(LIMITS.batchEvents),
  [BATCH_HEADERS.retentionSeconds]: z.coerce.number().int().min(60).max(315_360_000),
  'content-encoding': z.enum(['br', 'gzip']).optional(),
})

export const claimSchema: z.ZodType<ClaimRequest> = z.object({
  worker_id: z.string().min(1).max(128),
  max_batches: z.int().min(1).max(64),
  wait_ms: z.int().min(0).max(60_000),
  lease_ms: z.int().min(100).max(3_600_000),
})

const decidedBatch: z.ZodType<DecidedBatch> = z.object({
  batch_id: z.string().min(1).max(64),
  source_id: z.string().min(1).max(128),
  revision: z.int().min(0),
})

export const ackSchema = z.object({ decided: z.array(decidedBatch).max(64).default([]) }).optional()
export const extendSchema = z.object({ lease_ms: z.int().min(100).max(3_600_000) })
export const releaseSchema = z.object({ error: z.string().max(4_000).optional() }).optional()
export const statsSchema = z.object({ tenant_id: tenantId.optional() })

const time = z.coerce.number().int().min(0).max(8_640_000_000_000)
const cookieList = z
  .string()
  .max(8_192)
  .default('')
  .transform((text) => text.split(',').filter((name) => name !== ''))

export const eventsSchema = z.object({
  tenant_id: tenantId,
  source_id: z.string().max(128).optional(),
  text: z.string().min(1).max(256).optional(),
  from: time.default(0),
  to: time.default(8_640_000_000_000),
  cursor: z.string().max(1_024).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  clear_cookies: cookieList,
})

export const eventSchema = z.object({
  tenant_id: tenantId,
  observed_at: time.optional(),
  clear_cookies: cookieList,
})
