import { cleanup, fireEvent, render, screen, within } from '@testing-library/preact'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../api/problem.js'
import { type Column, DataTable, type TableData } from './table.js'

interface Row {
  readonly name: string
  readonly count: number
}

const COLUMNS: readonly Column<Row>[] = [
  { id: 'name', header: 'Name', cell: (row) => row.name, note: (row) => `of ${row.count}`, sortBy: (row) => row.name },
  { id: 'count', header: 'Count', align: 'end', cell: (row) => row.count, sortBy: (row) => row.count },
]

function show(rows: Partial<TableData<Row>>) {
  const data: TableData<Row> = { data: undefined, error: undefined, reload: () => undefined, ...rows }
  return render(
    <DataTable
      label="Things"
      rows={data}
      columns={COLUMNS}
      rowKey={(row) => row.name}
      rowHref={(row) => `/things/${row.name}`}
      empty={<p>Nothing yet</p>}
    />,
  )
}

const names = () => screen.getAllByRole('link').map((link) => link.textContent)

afterEach(cleanup)

describe('a table', () => {
  it('holds its place while loading', () => {
    show({})
    expect(screen.getByRole('table', { name: 'Things' }).getAttribute('aria-busy')).toBe('true')
    expect(screen.getAllByRole('row').length).toBeGreaterThan(2)
  })

  it('says what it is for when empty', () => {
    show({ data: [] })
    expect(screen.getByText('Nothing yet')).toBeTruthy()
    expect(screen.queryByRole('table')).toBeNull()
  })

  it('says what failed and tries again', () => {
    const reload = vi.fn()
    const error = new ApiError({
      status: 503,
      code: 'unavailable',
      title: 'x',
      detail: 'The broker is away.',
      errors: [],
    })
    show({ error, reload })
    expect(screen.getByRole('alert').textContent).toContain('The broker is away.')
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(reload).toHaveBeenCalledOnce()
  })

  it('keeps what it knew when asking again fails', () => {
    const error = new ApiError({ status: 0, code: 'unreachable', title: 'x', detail: 'y', errors: [] })
    show({ data: [{ name: 'a', count: 1 }], error })
    expect(names()).toEqual(['a'])
  })

  it('sorts by a column, figures from the largest', () => {
    show({
      data: [
        { name: 'b', count: 2 },
        { name: 'a', count: 10 },
        { name: 'c', count: 1 },
      ],
    })
    expect(names()).toEqual(['b', 'a', 'c'])
    fireEvent.click(screen.getByRole('button', { name: 'Count' }))
    expect(names()).toEqual(['a', 'b', 'c'])
    expect(screen.getByRole('columnheader', { name: /Count/ }).getAttribute('aria-sort')).toBe('descending')
    fireEvent.click(screen.getByRole('button', { name: 'Count' }))
    expect(names()).toEqual(['c', 'b', 'a'])
  })

  it('shows a long list in parts', () => {
    show({ data: Array.from({ length: 120 }, (_, count) => ({ name: `n${count}`, count })) })
    expect(names()).toHaveLength(50)
    fireEvent.click(screen.getByRole('button', { name: 'Show 50 more rows' }))
    fireEvent.click(screen.getByRole('button', { name: 'Show 20 more rows' }))
    expect(names()).toHaveLength(120)
    expect(screen.queryByRole('button', { name: /more row/ })).toBeNull()
  })

  it('opens a row by a link named after it, and shows hostile text as text', () => {
    show({ data: [{ name: '<img src=x onerror=alert(1)>', count: 1 }] })
    const row = screen.getAllByRole('row')[1]
    const link = within(row ?? document.body).getByRole('link', { name: '<img src=x onerror=alert(1)>' })
    expect(link.getAttribute('href')).toBe('/things/<img src=x onerror=alert(1)>')
    expect(document.querySelector('img')).toBeNull()
  })
})
