/**
 * One line of the table.
 * @typedef {object} Row
 * @property {string} gate the gate's id, and what part of it where it has several: `T1 median`
 * @property {string} what what is measured, in a few words
 * @property {number} figure
 * @property {number} limit
 * @property {number} stretch
 * @property {'lower' | 'higher'} better
 * @property {boolean} pass
 * @property {readonly string[]} detail lines to give an idea, absolute times say; never gated
 */

/** A row that holds when the figure is at most the limit. */
export function atMost(gate, figure, { limit, stretch, what, detail = [] }) {
  return { gate, what, figure, limit, stretch, better: 'lower', pass: figure <= limit, detail }
}

/** A row that holds when the figure is at least the limit. */
export function atLeast(gate, figure, { limit, stretch, what, detail = [] }) {
  return { gate, what, figure, limit, stretch, better: 'higher', pass: figure >= limit, detail }
}

/** A time for a line of detail. */
export function duration(ns) {
  return ns < 10_000 ? `${ns.toFixed(0)} ns` : `${(ns / 1_000).toFixed(1)} µs`
}

/** The row as two lines or more for people. */
export function tableLines({ gate, what, figure, limit, stretch, better, pass, detail }) {
  const sign = better === 'lower' ? '≤' : '≥'
  const isStretch = better === 'lower' ? figure <= stretch : figure >= stretch
  const verdict = pass ? (isStretch ? 'stretch' : 'ok') : 'MISSED'
  const bounds = `${sign} ${limit} (stretch ${sign} ${stretch})`
  const head = `${gate.padEnd(22)} ${verdict.padEnd(8)} ${figure.toFixed(2).padStart(9)}  ${bounds.padEnd(24)} ${what}`
  return [head, ...detail.map((text) => `${' '.repeat(34)}${text}`)].join('\n')
}

/** How cost grows, as a table in Markdown. */
export function growthLines(rows) {
  const head = ['| Policies | An event | By hand | A policy takes |', '|---|---|---|---|']
  const lines = rows.map(
    ({ count, kernel, byHand, bytes }) =>
      `| ${count} | ${duration(kernel)} | ${duration(byHand)} | ${(bytes / 1_024).toFixed(1)} KiB |`,
  )
  return [...head, ...lines].join('\n')
}
