import type { ResultSeries } from '../../api/types.js'

export type SeriesPoint = ResultSeries['items'][number]

/** Columns for the chart: time in seconds, then the tops of block, challenge and observe, stacked. */
export type Columns = [number[], number[], number[], number[]]

/**
 * Stacked bars are drawn as full bars behind each other, the tallest first. Steps without a decision are added as zeros,
 * so that time runs evenly.
 */
export function stack(series: ResultSeries): Columns {
  const columns: Columns = [[], [], [], []]
  const byStep = new Map(series.items.map((point) => [stepOf(point.at, series.step_seconds), point]))
  const first = stepOf(series.from, series.step_seconds)
  const last = stepOf(series.to, series.step_seconds)
  for (let step = first; step <= last; step++) {
    const { observe = 0, challenge = 0, block = 0 } = byStep.get(step) ?? {}
    columns[0].push((step + 0.5) * series.step_seconds)
    columns[1].push(observe + challenge + block)
    columns[2].push(observe + challenge)
    columns[3].push(observe)
  }
  return columns
}

function stepOf(at: string, stepSeconds: number): number {
  return Math.floor(Date.parse(at) / 1000 / stepSeconds)
}

/** How much of each outcome a column holds. */
export function unstack(columns: Columns, index: number): { observe: number; challenge: number; block: number } {
  const [, top = 0, middle = 0, low = 0] = columns.map((column) => column[index])
  return { observe: low, challenge: middle - low, block: top - middle }
}
