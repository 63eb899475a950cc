export interface DiffRow {
  readonly path: string
  readonly before: string | undefined
  readonly after: string | undefined
  readonly changed: boolean
}

type State = Readonly<Record<string, unknown>> | null

function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Bookkeeping that changes with every change says nothing. */
const UNTOLD = new Set(['updated_at'])

/** Field by field what was and what is, changed ones first. */
export function diff(before: State, after: State): readonly DiffRow[] {
  const paths = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  const rows = [...paths]
    .filter((path) => !UNTOLD.has(path))
    .map((path) => {
      const row = { path, before: shown(before?.[path]), after: shown(after?.[path]) }
      return { ...row, changed: row.before !== row.after }
    })
  return [...rows.filter((row) => row.changed), ...rows.filter((row) => !row.changed)]
}
