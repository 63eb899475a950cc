import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import { useQueryParameter } from '../../app/place.js'
import { Card } from '../../design/card.js'
import { Icon } from '../../design/icons.js'
import { Empty } from '../../design/notice.js'
import { type Column, DataTable, type TableData } from '../../design/table.js'

interface ResourceListProps<Row> {
  readonly label: string
  readonly rows: TableData<Row>
  readonly columns: readonly Column<Row>[]
  readonly rowKey: (row: Row) => string
  readonly rowHref: (row: Row) => string
  readonly rowMuted?: ((row: Row) => boolean) | undefined
  /** What the filter looks in. */
  readonly textOf: (row: Row) => string
  readonly empty: ComponentChildren
}

const FILTER_FROM = 8

/** A list of resources with a filter, kept in the URL, once there are enough of them. */
export function ResourceList<Row>({ textOf, empty, ...table }: ResourceListProps<Row>) {
  const [filter, setFilter] = useQueryParameter('q', '')
  const { data } = table.rows
  const found = useMemo(() => {
    const wanted = filter.trim().toLowerCase()
    return wanted === '' ? data : data?.filter((row) => textOf(row).toLowerCase().includes(wanted))
  }, [data, filter])
  return (
    <Card>
      {((data?.length ?? 0) >= FILTER_FROM || filter !== '') && (
        <div class="filter">
          <Icon name="search" />
          <input
            type="search"
            class="filter-input"
            aria-label={`Filter ${table.label}`}
            placeholder="Filter by name or content"
            value={filter}
            onInput={(event) => setFilter(event.currentTarget.value)}
          />
        </div>
      )}
      <DataTable
        {...table}
        rows={{ ...table.rows, data: found }}
        empty={
          filter === '' ? (
            empty
          ) : (
            <Empty title={`Nothing matches “${filter}”`}>Change or clear the filter to see the others.</Empty>
          )
        }
      />
    </Card>
  )
}
