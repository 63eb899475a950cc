import { Presets, SingleBar } from 'cli-progress'
import type { ImportProgress } from '../../traffic-import/import-log.js'

export interface ShownProgress {
  readonly update: (progress: ImportProgress) => void
  readonly stop: () => void
}

/** A bar over the bytes of the log on a terminal's standard error; nothing elsewhere. */
export function showProgress(): ShownProgress {
  if (process.stderr.isTTY !== true) return { update: () => undefined, stop: () => undefined }
  let bar: SingleBar | undefined
  const startedAt = performance.now()
  return {
    update: ({ lines, events, bytesRead, totalBytes }) => {
      if (bar === undefined) {
        bar = new SingleBar(
          { format: formatFor(totalBytes), stream: process.stderr, hideCursor: true, etaBuffer: 50 },
          Presets.shades_classic,
        )
        bar.start(totalBytes ?? 0, 0, { lines, events, rate: 0 })
      }
      const rate = Math.round(lines / ((performance.now() - startedAt) / 1_000))
      bar.update(bytesRead, { lines: count(lines), events: count(events), rate: count(rate) })
    },
    stop: () => bar?.stop(),
  }
}

function formatFor(totalBytes: number | undefined): string {
  const told = '{lines} lines, {events} events accepted, {rate} lines/s'
  return totalBytes === undefined ? told : `{bar} {percentage} %  ${told}, {eta_formatted} left`
}

function count(value: number): string {
  return value.toLocaleString('en')
}
