import type { ImportSummary } from '../../traffic-import/tally.js'
import { printRows } from '../expression/output.js'

/** What an import came to, for people. `url` is where it went; absent when nothing was sent. */
export function printSummary(summary: ImportSummary, url: URL | undefined): void {
  const { events, known_events: known, earlier_lines: earlier, unreadable_lines: unreadable } = summary
  const rows: (readonly [string, string])[] = [
    ['format', summary.format],
    ['lines', count(summary.lines)],
    [url === undefined ? 'readable' : 'imported', count(events - known)],
  ]
  if (known > 0) rows.push(['known', `${count(known)} that the server had already`])
  if (earlier > 0) rows.push(['skipped', `${count(earlier)} lines of earlier runs`])
  if (unreadable > 0) rows.push(['unreadable', [`${count(unreadable)} lines`, ...unreadableTexts(summary)].join('\n')])
  if (summary.from !== undefined && summary.to !== undefined) {
    rows.push(['time', `${time(summary.from)} to ${time(summary.to)}`])
  }
  printRows(rows)
  if (summary.interrupted)
    process.stdout.write('\nIt was ended before the end of the log. The next run goes on from there.\n')
  else if (url !== undefined && events > 0) process.stdout.write(`\nResults of that time: ${url.origin}\n`)
}

function unreadableTexts({ unreadable, unreadable_lines: all }: ImportSummary): readonly string[] {
  const texts = unreadable.map(
    ({ line, reason, text }) => `line ${line}: ${reason}${text === '' ? '' : `: ${JSON.stringify(text)}`}`,
  )
  return all > unreadable.length ? [...texts, '…'] : texts
}

function time(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

function count(value: number): string {
  return value.toLocaleString('en')
}
