import type { ComponentChildren } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { ApiError } from '../api/problem.js'
import { Button } from './button.js'
import { plural } from './format.js'
import { Icon } from './icons.js'
import { ErrorNotice } from './notice.js'
import './table.css'

export interface Column<Row> {
  readonly id: string
  readonly header: string
  /** Said on hover of the header: what the figure means. */
  readonly meaning?: string | undefined
  readonly cell: (row: Row) => ComponentChildren
  /** A quieter line under it, which is no part of the name of the link that opens the row. */
  readonly note?: ((row: Row) => ComponentChildren) | undefined
  readonly align?: 'end' | undefined
  /** What the column sorts by; without it, it does not sort. */
  readonly sortBy?: ((row: Row) => string | number) | undefined
  /** Left out on narrow screens, where the row opens for the rest. */
  readonly wideOnly?: boolean | undefined
}

/** What is known of the rows: the same shape as a query of them. */
export interface TableData<Row> {
  readonly data: readonly Row[] | undefined
  readonly error: ApiError | undefined
  readonly reload: () => void
}

export interface DataTableProps<Row> {
  /** Accessible name: what the rows are. */
  readonly label: string
  readonly rows: TableData<Row>
  readonly columns: readonly Column<Row>[]
  readonly rowKey: (row: Row) => string
  readonly empty: ComponentChildren
  /** Where the row opens: its first cell becomes the link, and the whole row answers a click. */
  readonly rowHref?: ((row: Row) => string) | undefined
  /** Many columns of figures: less space between them. */
  readonly dense?: boolean | undefined
  readonly rowMuted?: ((row: Row) => boolean) | undefined
}

interface Sort {
  readonly id: string
  readonly down: boolean
}

const SHOWN_ROWS = 50
const SKELETON_ROWS = 4

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), 'en', { numeric: true })
}

function useSorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort | undefined) {
  return useMemo(() => {
    const sortBy = columns.find((column) => column.id === sort?.id)?.sortBy
    if (!sort || !sortBy) return rows
    const sign = sort.down ? -1 : 1
    return [...rows].sort((a, b) => sign * compare(sortBy(a), sortBy(b)))
  }, [rows, columns, sort])
}

interface HeaderProps<Row> {
  readonly column: Column<Row>
  readonly sort: Sort | undefined
  readonly onSort: (sort: Sort) => void
}

function HeaderCell<Row>({ column, sort, onSort }: HeaderProps<Row>) {
  const sorted = sort?.id === column.id ? sort : undefined
  const ariaSort = sorted ? (sorted.down ? 'descending' : 'ascending') : undefined
  const numbers = column.align === 'end'
  return (
    <th scope="col" class={cellClass(column)} aria-sort={ariaSort} title={column.meaning}>
      {column.sortBy ? (
        <button
          type="button"
          class="sort"
          onClick={() => onSort({ id: column.id, down: sorted ? !sorted.down : numbers })}
        >
          {column.header}
          {sorted && <Icon name={sorted.down ? 'arrowDown' : 'arrowUp'} size={12} />}
        </button>
      ) : (
        column.header
      )}
    </th>
  )
}

function cellClass<Row>(column: Column<Row>): string {
  return [column.align === 'end' && 'cell-end', column.wideOnly && 'cell-wide'].filter(Boolean).join(' ')
}

function SkeletonRows<Row>({ columns }: { columns: readonly Column<Row>[] }) {
  return (
    <>
      {Array.from({ length: SKELETON_ROWS }, (_, row) => (
        <tr key={row}>
          {columns.map((column) => (
            <td key={column.id} class={cellClass(column)}>
              <span class="skeleton" />
            </td>
          ))}
        </tr>
      ))}
    </>
  )
}

function BodyRow<Row>({ row, table }: { row: Row; table: DataTableProps<Row> }) {
  const href = table.rowHref?.(row)
  const classes = [href !== undefined && 'row-opens', table.rowMuted?.(row) && 'row-muted'].filter(Boolean).join(' ')
  return (
    <tr class={classes}>
      {table.columns.map((column, index) => (
        <td key={column.id} class={cellClass(column)} data-label={index === 0 ? undefined : column.header}>
          {index === 0 && href !== undefined ? (
            <a class="row-link" href={href}>
              {column.cell(row)}
            </a>
          ) : (
            column.cell(row)
          )}
          <Note of={column.note?.(row)} />
        </td>
      ))}
    </tr>
  )
}

/** A list: loading without a jump, empty with what to do, failed with a retry, sorted, and shown in parts when long. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, columns } = props
  const [sort, setSort] = useState<Sort>()
  const [shown, setShown] = useState(SHOWN_ROWS)
  const sorted = useSorted(rows.data ?? [], columns, sort)
  if (rows.data === undefined && rows.error) {
    return (
      <div class="table-error">
        <ErrorNotice what={`${props.label} could not be loaded`} error={rows.error} onRetry={rows.reload} />
      </div>
    )
  }
  if (rows.data?.length === 0) return <>{props.empty}</>
  return (
    <div class="table-wrap">
      <table
        class={props.dense ? 'table table-dense num' : 'table num'}
        aria-busy={rows.data === undefined}
        aria-label={props.label}
      >
        <thead>
          <tr>
            {columns.map((column) => (
              <HeaderCell key={column.id} column={column} sort={sort} onSort={setSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.data === undefined && <SkeletonRows columns={columns} />}
          {sorted.slice(0, shown).map((row) => (
            <BodyRow key={props.rowKey(row)} row={row} table={props} />
          ))}
        </tbody>
      </table>
      {sorted.length > shown && (
        <div class="table-more">
          <Button size="small" onClick={() => setShown(shown + SHOWN_ROWS)}>
            Show {plural(Math.min(SHOWN_ROWS, sorted.length - shown), 'more row')}
          </Button>
        </div>
      )}
    </div>
  )
}

function Note({ of }: { of: ComponentChildren }) {
  return of === undefined || of === null || of === '' ? null : <small class="cell-note">{of}</small>
}
