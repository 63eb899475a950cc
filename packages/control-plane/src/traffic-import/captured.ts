import { type Captured, FIELD_CATALOG, FIELD_MAPS, type FieldMap } from '@esper/core'

/** Fields that a policy may take for captured unless a sender says that it does not see them. */
const SCALARS = FIELD_CATALOG.map(({ name }) => name).filter(isSeenByDefault)

function isSeenByDefault(name: string): boolean {
  const setByEsper = ['source_id', 'trust_level', 'observed_at', 'actions']
  // `cookie` has a flag of its own, and `ip` is another name.
  const elsewhere = ['cookie', 'ip']
  return !name.includes('<') && !FIELD_MAPS.some((map) => map === name) && ![...setByEsper, ...elsewhere].includes(name)
}

/** What the header of a batch says of events that tell this much (see `LogRecord.sees`). */
export function capturedOf(sees: ReadonlySet<string>): Captured {
  const names = (map: FieldMap): readonly string[] => {
    const prefix = `${map}.`
    const found = [...sees].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
    return found.includes('*') ? ['*'] : found.sort().slice(0, MAX_NAMES)
  }
  return {
    headers: names('headers'),
    cookies: names('cookies'),
    query: names('query'),
    route: names('route'),
    body: names('body'),
    labels: names('labels'),
    cookie: sees.has('cookie'),
    response: sees.has('response_status') || sees.has('response_ms'),
    without: ['headers', ...SCALARS.filter((name) => !sees.has(name))],
  }
}

const MAX_NAMES = 256
