import { type BatchHeader, type Captured, LIMITS } from '@esper/core'
import { z } from 'zod'
import { parseBounded } from './event-line.js'

const counts = z.record(z.string().max(64), z.number())

const names = z.array(z.string().max(256)).max(LIMITS.objectKeys)

const capturedSchema: z.ZodType<Captured> = z.object({
  headers: names,
  cookies: names,
  query: names,
  route: names,
  body: names,
  labels: names,
  cookie: z.boolean(),
  response: z.boolean(),
  without: names.exactOptional(),
})

const headerSchema: z.ZodType<BatchHeader> = z.object({
  format: z.literal(1),
  sdk: z.string().max(64),
  revision: z.int().min(0),
  instance_id: z.string().max(64),
  loss: counts.exactOptional(),
  counts: counts.exactOptional(),
  captured: capturedSchema.exactOptional(),
})

/** The first line of a batch, or undefined when it is not one. */
export function parseBatchHeader(line: string): BatchHeader | undefined {
  const parsed = parseBounded(line)
  if (typeof parsed === 'string') return undefined
  const header = headerSchema.safeParse(parsed.record)
  return header.success ? header.data : undefined
}

const HEADER_BYTES = 8_192

/** The header of a batch as it came on the wire, uncompressed; the rest is not looked at. */
export function readBatchHeader(body: Buffer): BatchHeader | undefined {
  const end = body.indexOf(10)
  const length = end < 0 ? body.length : end
  return length > HEADER_BYTES ? undefined : parseBatchHeader(body.toString('utf8', 0, length))
}
