/** A line of a combined log: the `index`-th request, one a second. */
export function combinedLine(index: number): string {
  const at = new Date(Date.UTC(2026, 9, 10, 12, 0, index))
  const time = `${at.toISOString().slice(8, 10)}/Oct/2026:${at.toISOString().slice(11, 19)} +0000`
  return `192.0.2.${index % 250} - - [${time}] "GET /page/${index}?n=${index} HTTP/1.1" 200 512 "-" "agent/${index % 7}"`
}

/** The first `count` lines, each with its end. */
export function combinedLog(count: number): string {
  return Array.from({ length: count }, (_, index) => `${combinedLine(index)}\n`).join('')
}
