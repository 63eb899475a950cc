import { type BatchHeader, type EventLine, LIMITS } from '@esper/core'
import { parseBatchHeader } from './batch-header.js'
import { type BadLine, parseEventLine } from './event-line.js'
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
  /** The first of them, by line. */
  readonly problems: readonly LineProblem[]
}

export interface LineProblem {
  /** From 1. */
  readonly line: number
  readonly reason: BadReason
}

/** Most problems that are listed one by one. */
const LISTED_PROBLEMS = 100

class Problems {
  readonly counts = new Map<BadReason, number>()
  readonly list: LineProblem[] = []

  add(reason: BadReason, line: number): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1)
    if (this.list.length < LISTED_PROBLEMS) this.list.push({ line, reason })
  }
}

/** Reads a batch of any sender: whatever is wrong with it is counted, nothing throws. */
export function parseBatch(body: Uint8Array, encoding: ContentEncoding | undefined): ParsedBatch {
  const problems = new Problems()
  const text = inflateBatch(body, encoding)
  if (text === undefined || text.length > LIMITS.batchInflatedBytes) {
    problems.add('unreadable_body', 1)
    return { header: undefined, events: [], bad: problems.counts, problems: problems.list }
  }
  const lines = new TextDecoder().decode(text).split('\n')
  const header = parseBatchHeader(lines[0] ?? '')
  if (header === undefined) problems.add('bad_header', 1)
  const events = readEvents(lines, header, problems)
  return { header, events, bad: problems.counts, problems: problems.list }
}

function readEvents(
  lines: readonly string[],
  header: BatchHeader | undefined,
  problems: Problems,
): readonly EventLine[] {
  const events = new Map<string, EventLine>()
  for (const [index, line] of lines.entries()) {
    if (index === 0 && (header !== undefined || !parseEventLine(line).ok)) continue
    if (line.trim() === '') continue
    const problem = readEvent(line, events)
    if (problem !== undefined) problems.add(problem, index + 1)
  }
  return [...events.values()]
}

function readEvent(line: string, events: Map<string, EventLine>): BadReason | undefined {
  if (events.size >= LIMITS.batchEvents) return 'too_many_events'
  const result = parseEventLine(line)
  if (!result.ok) return result.reason
  if (events.has(result.event.event_id)) return 'duplicate_event_id'
  events.set(result.event.event_id, result.event)
  return result.badDecision ? 'bad_decision' : undefined
}
