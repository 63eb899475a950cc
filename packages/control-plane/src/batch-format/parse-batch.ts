import { type BatchHeader, type EventLine, LIMITS } from '@esper/core'
import { z } from 'zod'
import { type BadLine, parseBounded, parseEventLine } from './event-line.js'
import { type ContentEncoding, inflateBatch } from './inflate.js'

export type BadReason =
  | BadLine
  | 'unreadable_body'
  | 'bad_header'
  | 'bad_decision'
  | 'too_many_events'
  | 'duplicate_event_id'

export interface ParsedBatch {
  /** Absent when the first line is none: its events were then captured under no known demand. */
  readonly header: BatchHeader | undefined
  readonly events: readonly EventLine[]
  /** How many lines were left out, by reason. `bad_decision` and `bad_header` leave nothing out. */
  readonly bad: ReadonlyMap<BadReason, number>
}

const headerSchema: z.ZodType<BatchHeader> = z.object({
  format: z.literal(1),
  sdk: z.string().max(64),
  revision: z.int().min(0),
  instance_id: z.string().max(64),
  loss: z.record(z.string().max(64), z.number()).exactOptional(),
})

/** Reads a batch of any sender: whatever is wrong with it is counted, nothing throws. */
export function parseBatch(body: Uint8Array, encoding: ContentEncoding | undefined): ParsedBatch {
  const bad = new Map<BadReason, number>()
  const count = (reason: BadReason) => void bad.set(reason, (bad.get(reason) ?? 0) + 1)
  const text = inflateBatch(body, encoding)
  if (text === undefined || text.length > LIMITS.batchInflatedBytes) {
    count('unreadable_body')
    return { header: undefined, events: [], bad }
  }
  const lines = new TextDecoder().decode(text).split('\n')
  const header = headerOf(lines[0])
  if (header === undefined) count('bad_header')
  const events = readEvents(header === undefined && !isEvent(lines[0]) ? lines.slice(1) : lines, header, count)
  return { header, events, bad }
}

function readEvents(
  lines: readonly string[],
  header: BatchHeader | undefined,
  count: (reason: BadReason) => void,
): readonly EventLine[] {
  const events = new Map<string, EventLine>()
  for (const [index, line] of lines.entries()) {
    if ((index === 0 && header !== undefined) || line.trim() === '') continue
    if (events.size >= LIMITS.batchEvents) {
      count('too_many_events')
      continue
    }
    const result = parseEventLine(line)
    if (!result.ok) {
      count(result.reason)
    } else if (events.has(result.event.event_id)) {
      count('duplicate_event_id')
    } else {
      if (result.badDecision) count('bad_decision')
      events.set(result.event.event_id, result.event)
    }
  }
  return [...events.values()]
}

function headerOf(line: string | undefined): BatchHeader | undefined {
  const parsed = parseBounded(line ?? '')
  if (typeof parsed === 'string') return undefined
  const header = headerSchema.safeParse(parsed.record)
  return header.success ? header.data : undefined
}

function isEvent(line: string | undefined): boolean {
  return parseEventLine(line ?? '').ok
}
