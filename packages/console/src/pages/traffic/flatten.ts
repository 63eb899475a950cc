export interface FieldRow {
  readonly path: string
  readonly value: string
}

const MOST_DEPTH = 4

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

/** `{headers: {accept: '*'}}` -> `headers.accept: *`, one row a value; lists stay as they are. */
export function flatten(value: Readonly<Record<string, unknown>>, prefix = '', depth = 0): readonly FieldRow[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = prefix + name
    const isMap = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    if (isMap && depth < MOST_DEPTH) return flatten({ ...inner }, `${path}.`, depth + 1)
    return [{ path, value: shown(inner) }]
  })
}
