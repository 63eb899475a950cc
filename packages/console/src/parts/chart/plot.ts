import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Columns } from './stack.js'

export interface PlotColors {
  readonly observe: string
  readonly challenge: string
  readonly block: string
  readonly line: string
  readonly text: string
}

export interface PlotOptions {
  readonly container: HTMLElement
  readonly columns: Columns
  readonly stepSeconds: number
  readonly colors: PlotColors
  readonly onHover: (index: number | undefined) => void
}

export interface Plot {
  update(columns: Columns, stepSeconds: number): void
  destroy(): void
}

const LEAST_TOP = 4
const DAY_SECONDS = 86_400
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

function timeLabels(_plot: uPlot, splits: number[], _axis: number, _space: number, step: number): string[] {
  return splits.map((seconds) => (step >= DAY_SECONDS ? DAY : CLOCK).format(seconds * 1000))
}

/** Bars are drawn by `drawBars`: uPlot only scales the series. */
function hidden(label: string): uPlot.Series {
  return { label, paths: () => null, points: { show: false } }
}

const BAR_SHARE = 0.74
const MOST_BAR_PIXELS = 34

/** Stacked bars on whole device pixels, each part beside and never behind another. */
function drawBars(plot: uPlot, stepSeconds: number, colors: PlotColors): void {
  const { ctx } = plot
  const [times = [], ...tops] = plot.data
  const fills = [colors.block, colors.challenge, colors.observe]
  const stepPixels = plot.valToPos(stepSeconds, 'x', true) - plot.valToPos(0, 'x', true)
  const width = Math.max(1, Math.round(Math.min(stepPixels * BAR_SHARE, MOST_BAR_PIXELS * devicePixelRatio)))
  const top = (series: number, index: number) => Math.round(plot.valToPos(tops[series]?.[index] ?? 0, 'y', true))
  const base = Math.round(plot.valToPos(0, 'y', true))
  ctx.save()
  times.forEach((time, index) => {
    const left = Math.round(plot.valToPos(time ?? 0, 'x', true) - width / 2)
    fills.forEach((fill, series) => {
      const from = series === fills.length - 1 ? base : top(series + 1, index)
      ctx.fillStyle = fill
      ctx.fillRect(left, top(series, index), width, from - top(series, index))
    })
  })
  ctx.restore()
}

function axis(colors: PlotColors): uPlot.Axis {
  return {
    stroke: colors.text,
    font: '11px system-ui, sans-serif',
    grid: { stroke: colors.line, width: 1 },
    ticks: { show: false },
  }
}

/** Draws stacked bars on a canvas that follows the width of its container. */
export function createPlot({ container, colors, onHover, ...options }: PlotOptions): Plot {
  let { columns, stepSeconds } = options
  const half = () => stepSeconds / 2
  const plot = new uPlot(
    {
      width: container.clientWidth,
      height: container.clientHeight,
      padding: [12, 18, 0, 4],
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false, x: false, y: false }, points: { show: false } },
      scales: {
        x: { range: () => [(columns[0][0] ?? 0) - half(), (columns[0].at(-1) ?? 1) + half()] },
        y: { range: (_plot, _min, max) => [0, Math.max(LEAST_TOP, max * 1.05)] },
      },
      axes: [
        { ...axis(colors), grid: { show: false }, values: timeLabels, space: 70, size: 28 },
        {
          ...axis(colors),
          size: 46,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6],
        },
      ],
      series: [{}, hidden('Block'), hidden('Challenge'), hidden('Observe')],
      hooks: {
        draw: [(current) => drawBars(current, stepSeconds, colors)],
        setCursor: [(current) => onHover(current.cursor.idx ?? undefined)],
      },
    },
    columns,
    container,
  )
  const resized = new ResizeObserver(() =>
    plot.setSize({ width: container.clientWidth, height: container.clientHeight }),
  )
  resized.observe(container)
  return {
    update: (next, nextStep) => {
      columns = next
      stepSeconds = nextStep
      plot.setData(next)
    },
    destroy: () => {
      resized.disconnect()
      plot.destroy()
    },
  }
}
