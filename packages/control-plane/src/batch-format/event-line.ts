import { type EventLine, type Fields, LIMITS, type SdkDecision } from '@esper/core'
import { z } from 'zod'

/** Why a line of a batch is not counted as an event. */
export type BadLine = 'bad_json' | 'too_deep' | 'too_many_keys' | 'bad_event_id' | 'bad_observed_at' | 'bad_fields'

export type LineResult =
  | { readonly ok: true; readonly event: EventLine; readonly badDecision: boolean }
  | { readonly ok: false; readonly reason: BadLine }

const EVENT_ID = /^[A-Za-z0-9_-]{1,64}$/
const MAX_TIME_MS = 8_640_000_000_000_000

const decisionSchema: z.ZodType<SdkDecision> = z.object({
  revision: z.int().min(0),
  policy_id: z.string().max(64).exactOptional(),
  outcome: z.enum(['challenge', 'block']).exactOptional(),
  enforced: z.boolean(),
  origin: z.enum(['policy', 'active_mitigation', 'failure']).exactOptional(),
  n: z.int().min(0).exactOptional(),
  active_mitigation_id: z.string().max(64).exactOptional(),
  exemption_id: z.string().max(64).exactOptional(),
  cleared: z.array(z.string().max(64)).max(256).exactOptional(),
  failed_open: z.boolean().exactOptional(),
})

/** Reads one line. A decision that makes no sense is left out and reported; the event counts all the same. */
export function parseEventLine(line: string): LineResult {
  const value = parseBounded(line)
  if (typeof value === 'string') return { ok: false, reason: value }
  const { event_id: eventId, observed_at: observedAt, fields, decision } = value.record
  if (typeof eventId !== 'string' || !EVENT_ID.test(eventId)) return { ok: false, reason: 'bad_event_id' }
  if (!isTime(observedAt)) return { ok: false, reason: 'bad_observed_at' }
  if (!isFields(fields)) return { ok: false, reason: 'bad_fields' }
  const event = { event_id: eventId, observed_at: Math.floor(observedAt), fields }
  if (decision === undefined) return { ok: true, event, badDecision: false }
  const checked = decisionSchema.safeParse(decision)
  if (!checked.success) return { ok: true, event, badDecision: true }
  return { ok: true, event: { ...event, decision: checked.data }, badDecision: false }
}

/** JSON of an object within the bounds of depth and width; anything deeper is never walked. */
export function parseBounded(line: string): { readonly record: Record<string, unknown> } | BadLine {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'bad_json'
  }
  if (!isRecord(value)) return 'bad_json'
  return excessOf(value, LIMITS.jsonDepth) ?? { record: value }
}

function excessOf(value: unknown, levels: number): 'too_deep' | 'too_many_keys' | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (levels === 0) return 'too_deep'
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  if (!Array.isArray(value) && items.length > LIMITS.objectKeys) return 'too_many_keys'
  for (const item of items) {
    const excess = excessOf(item, levels - 1)
    if (excess !== undefined) return excess
  }
  return undefined
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_TIME_MS
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What `JSON.parse` made is plain data, so an object is all there is to check. */
function isFields(value: unknown): value is Fields {
  return isRecord(value)
}
