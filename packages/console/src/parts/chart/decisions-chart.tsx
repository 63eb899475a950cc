import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Query } from '../../api/query.js'
import type { ResultSeries } from '../../api/types.js'
import { theme } from '../../app/theme.js'
import { Button } from '../../design/button.js'
import { Card } from '../../design/card.js'
import { formatExact, formatNumber } from '../../design/format.js'
import { ErrorNotice } from '../../design/notice.js'
import { ChartTable } from './chart-table.js'
import { mendLanguage } from './mend-language.js'
import type { Plot, PlotColors } from './plot.js'
import { type Columns, stack, unstack } from './stack.js'
import './chart.css'

const OUTCOMES = ['observe', 'challenge', 'block'] as const
const WORDS = { observe: 'Observe', challenge: 'Challenge', block: 'Block' } as const

/** The colours as the browser resolved them for the scheme in use: a canvas knows no custom properties. */
function readColors(legend: HTMLElement): PlotColors {
  const of = (name: string) => getComputedStyle(legend.querySelector(`.swatch-${name}`) ?? legend)
  return {
    observe: of('observe').backgroundColor,
    challenge: of('challenge').backgroundColor,
    block: of('block').backgroundColor,
    line: of('observe').borderTopColor,
    text: getComputedStyle(legend).color,
  }
}

function useDark(): boolean {
  const [system, setSystem] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches)
  useEffect(() => {
    const media = matchMedia('(prefers-color-scheme: dark)')
    const onChange = () => setSystem(media.matches)
    media.addEventListener('change', onChange)
    return () => media.removeEventListener('change', onChange)
  }, [])
  return theme.value === 'system' ? system : theme.value === 'dark'
}

interface CanvasProps {
  readonly columns: Columns
  readonly stepSeconds: number
  readonly colorsFrom: { readonly current: HTMLElement | null }
  readonly label: string
  /** The drawing code could not be loaded, or the browser refused it. */
  readonly onFailed: () => void
}

function Canvas({ columns, stepSeconds, colorsFrom, label, onFailed }: CanvasProps) {
  const container = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot | undefined>(undefined)
  const latest = useRef({ columns, stepSeconds })
  latest.current = { columns, stepSeconds }
  const [hovered, setHovered] = useState<number>()
  const dark = useDark()

  useEffect(() => {
    let wanted = true
    const draw = async () => {
      mendLanguage()
      const { createPlot } = await import('./plot.js')
      if (!wanted || !container.current || !colorsFrom.current) return
      const colors = readColors(colorsFrom.current)
      plot.current = createPlot({ container: container.current, colors, onHover: setHovered, ...latest.current })
    }
    draw().catch(onFailed)
    return () => {
      wanted = false
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [dark])
  useEffect(() => plot.current?.update(columns, stepSeconds), [columns, stepSeconds])

  return (
    <div class="chart">
      <div class="chart-canvas" role="img" aria-label={label}>
        <div ref={container} class="chart-plot" />
        {columns[1].every((top) => top === 0) && (
          <p class="chart-empty">
            <span>No decisions in this time</span>
          </p>
        )}
      </div>
      <Hovered columns={columns} stepSeconds={stepSeconds} index={hovered} />
    </div>
  )
}

function Hovered({
  columns,
  stepSeconds,
  index,
}: {
  columns: Columns
  stepSeconds: number
  index: number | undefined
}) {
  const seconds = index === undefined ? undefined : columns[0][index]
  if (index === undefined || seconds === undefined) return <p class="chart-hover" />
  const values = unstack(columns, index)
  return (
    <p class="chart-hover num">
      {formatExact((seconds - stepSeconds / 2) * 1000)}:{' '}
      {OUTCOMES.map((outcome) => `${formatNumber(values[outcome])} ${WORDS[outcome].toLowerCase()}`).join(', ')}
    </p>
  )
}

/** Decisions over time by outcome, as bars, or as the table behind them. */
export function DecisionsChart({ series, words }: { series: Query<ResultSeries>; words: string }) {
  const [asTable, setAsTable] = useState(false)
  const legend = useRef<HTMLUListElement>(null)
  const { data } = series
  const columns = useMemo(() => data && stack(data), [data])
  return (
    <Card
      title="Decisions"
      aside={
        <div class="cluster">
          <ul class="legend" ref={legend}>
            {OUTCOMES.map((outcome) => (
              <li key={outcome}>
                <span class={`swatch swatch-${outcome}`} />
                {WORDS[outcome]}
              </li>
            ))}
          </ul>
          <Button size="small" kind="quiet" onClick={() => setAsTable(!asTable)}>
            {asTable ? 'Show chart' : 'Show table'}
          </Button>
        </div>
      }
    >
      {data === undefined && series.error && (
        <div class="card-body">
          <ErrorNotice what="The chart could not be loaded" error={series.error} onRetry={series.reload} />
        </div>
      )}
      {data === undefined && !series.error && <div class="chart chart-loading" aria-busy="true" />}
      {data && asTable && <ChartTable series={data} />}
      {data && columns && !asTable && (
        <Canvas
          columns={columns}
          stepSeconds={data.step_seconds}
          colorsFrom={legend}
          label={`Decisions by outcome in ${words}. The same figures are in the table.`}
          onFailed={() => setAsTable(true)}
        />
      )}
    </Card>
  )
}
