import { fingerprintOf } from './blocks.js'
import type { ImportPoint } from './import-state.js'
import type { LogLine } from './read-log-lines.js'

/** The furthest point whose line stands in this log where it stood, or undefined. Reads no further than that. */
export async function findResumePoint(
  lines: AsyncIterable<LogLine>,
  points: readonly ImportPoint[],
): Promise<ImportPoint | undefined> {
  const furthest = Math.max(0, ...points.map(({ offset }) => offset))
  let found = points.find(({ offset, fingerprint }) => offset === 0 && fingerprint === '')
  for await (const line of lines) {
    if (line.end > furthest) break
    found = points.find((point) => endsAt(line, point)) ?? found
    if (line.end === furthest) break
  }
  return found
}

/** Whether a point stands behind this line. */
export function endsAt(line: LogLine, { offset, fingerprint }: ImportPoint): boolean {
  return line.ended && line.end === offset && fingerprintOf(line.bytes ?? '') === fingerprint
}
