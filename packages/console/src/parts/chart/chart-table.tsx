import type { ResultSeries } from '../../api/types.js'
import { formatExact, formatNumber } from '../../design/format.js'
import { Empty } from '../../design/notice.js'
import { type Column, DataTable } from '../../design/table.js'
import type { SeriesPoint } from './stack.js'

const COLUMNS: readonly Column<SeriesPoint>[] = [
  { id: 'at', header: 'From', cell: (point) => formatExact(point.at), sortBy: (point) => Date.parse(point.at) },
  { id: 'events', header: 'Requests', align: 'end', cell: (point) => formatNumber(point.events) },
  { id: 'observe', header: 'Observe', align: 'end', cell: (point) => formatNumber(point.observe) },
  { id: 'challenge', header: 'Challenge', align: 'end', cell: (point) => formatNumber(point.challenge) },
  { id: 'block', header: 'Block', align: 'end', cell: (point) => formatNumber(point.block) },
]

/** The figures of the chart, newest first. */
export function ChartTable({ series }: { series: ResultSeries }) {
  const points = [...series.items].reverse()
  return (
    <div class="chart-table">
      <DataTable
        label="Decisions over time"
        rows={{ data: points, error: undefined, reload: () => undefined }}
        columns={COLUMNS}
        rowKey={(point) => point.at}
        empty={<Empty title="No requests in this time">Choose a longer time, or send some traffic.</Empty>}
      />
    </div>
  )
}
