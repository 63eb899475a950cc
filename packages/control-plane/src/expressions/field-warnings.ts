import { FIELD_CATALOG, FIELD_MAPS, fieldReference } from '@esper/core'
import { spanOf } from './ast.js'
import { type ExpressionIssue, issueAt } from './issue.js'
import type { ReadPath } from './lowering-host.js'
import { nearestName } from './nearest-name.js'

const KNOWN: ReadonlySet<string> = new Set([...FIELD_CATALOG.map(({ name }) => name), ...FIELD_MAPS])
const SUGGESTED: readonly string[] = [...KNOWN].filter((name) => !name.includes('<'))

/** A warning for each field that no event will ever have, with the nearest that it has. */
export function fieldWarnings(source: string, reads: readonly ReadPath[]): ExpressionIssue[] {
  return reads.flatMap(({ path, node }) => {
    const reference = fieldReference(path)
    if (reference?.kind !== 'scalar' || KNOWN.has(reference.name)) return []
    const nearest = nearestName(reference.name, SUGGESTED)
    const message = `No event has a field "${reference.name}", so it is always missing.`
    const instead = nearest ?? `labels.${reference.name}, query.${reference.name} or body.${reference.name}`
    return [issueAt(source, spanOf(source, node), { code: 'field_unknown', message, instead })]
  })
}
