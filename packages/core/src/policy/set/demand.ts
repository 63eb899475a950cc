import type { Captured, FieldDemand, PolicySetContent } from '../../protocol/bundle.js'
import { type CompiledProgram, compileProgram } from '../expression/compile.js'
import { ANY_LIST } from '../expression/in-list.js'
import { type FieldMap, fieldPath, fieldReference } from '../fields/field-names.js'

const RESPONSE_FIELDS: readonly string[] = ['response_status', 'response_ms']

/** Header names that are captured whatever the demand says; `sec-fetch-*` and `sec-ch-ua*` are as well. */
export function isAlwaysCaptured(header: string): boolean {
  return ALWAYS_CAPTURED.has(header) || header.startsWith('sec-fetch-') || header.startsWith('sec-ch-ua')
}

const ALWAYS_CAPTURED: ReadonlySet<string> = new Set(['accept', 'accept-language', 'content-type'])

/** Whether a path reads a field that is known only after the response. */
export function isResponseField(path: readonly string[]): boolean {
  return RESPONSE_FIELDS.includes(path[0] ?? '')
}

/** Whether a path reads what only the application knows of a request: `user_id` or `labels`. */
export function isApplicationField(path: readonly string[]): boolean {
  return path[0] === 'user_id' || path[0] === 'labels'
}

/**
 * What the SDK must capture so that these actions, entities, policies and exemptions can be decided.
 *
 * @param watchFields Fields the tenant wants to see in events although nothing reads them.
 */
export function demandOf(content: ContentWithPrograms, watchFields: readonly string[] = []): FieldDemand {
  const collector = new DemandCollector()
  for (const { reads } of compiledPrograms(content)) for (const path of reads) collector.add(path)
  const named = [
    ...content.entity_definitions.flatMap((entity) => entity.key_fields),
    ...content.policies.flatMap(({ window }) => window?.distinct ?? []),
    ...watchFields,
  ]
  for (const field of named) collector.add(fieldPath(field))
  return collector.demand()
}

/** Ids of the lists that the programs of these actions, entities, policies and exemptions look values up in, sorted. */
export function listsOf(content: ContentWithPrograms): readonly string[] {
  return [...new Set(compiledPrograms(content).flatMap(({ lists }) => lists))].sort()
}

type ContentWithPrograms = Pick<PolicySetContent, 'actions' | 'entity_definitions' | 'policies' | 'exemptions'>

function compiledPrograms(content: ContentWithPrograms): readonly CompiledProgram[] {
  const programs = [
    ...content.actions.map(({ program }) => program),
    ...content.policies.map(({ program }) => program),
    ...(content.exemptions ?? []).map(({ program }) => program),
    ...content.entity_definitions.flatMap((entity) => entity.match_program ?? []),
  ]
  return programs.flatMap((program) => {
    const compiled = compileProgram(program, undefined, ANY_LIST)
    return compiled.ok ? [compiled.program] : []
  })
}

/** Whether everything a path reads was captured under this demand, or by a sender that says what it captures. */
export function isCaptured(path: readonly string[], captured: Captured): boolean {
  const reference = fieldReference(path)
  if (reference === undefined) return false
  if (reference.kind === 'scalar') {
    if (captured.without?.includes(reference.name) === true) return false
    if (reference.name === 'cookie') return captured.cookie
    return isResponseField(path) ? captured.response : true
  }
  const names = captured[reference.map]
  if (names.includes('*')) return true
  if (reference.kind === 'whole-map') return false
  if (reference.map === 'body') return bodyIsCaptured([...reference.names, ...reference.rest], names)
  const always = reference.map === 'headers' && captured.without?.includes('headers') !== true
  return reference.names.every((name) => names.includes(name) || (always && isAlwaysCaptured(name)))
}

function bodyIsCaptured(path: readonly string[], captured: readonly string[]): boolean {
  return path.some((_, index) => captured.includes(path.slice(0, index + 1).join('.')))
}

/** The part of a body path that a dotted name can say; a name with a dot ends it, and the whole value before it is captured. */
function dottedBodyPath(path: readonly string[]): string {
  const end = path.findIndex((name) => name.includes('.') || name === '')
  const sayable = end < 0 ? path : path.slice(0, end)
  return sayable.length === 0 ? '*' : sayable.join('.')
}

class DemandCollector {
  readonly #names: Readonly<Record<FieldMap, Set<string>>> = {
    headers: new Set(),
    query: new Set(),
    cookies: new Set(),
    route: new Set(),
    body: new Set(),
    labels: new Set(),
  }
  #cookie = false
  #response = false

  add(path: readonly string[]): void {
    const reference = fieldReference(path)
    if (reference === undefined) return
    if (reference.kind === 'scalar') {
      this.#cookie ||= reference.name === 'cookie'
      this.#response ||= isResponseField(path)
      return
    }
    const names = this.#names[reference.map]
    if (reference.kind === 'whole-map') names.add('*')
    else if (reference.map === 'body') names.add(dottedBodyPath([...reference.names, ...reference.rest]))
    else for (const name of reference.names) names.add(name)
  }

  demand(): FieldDemand {
    const sorted = (map: FieldMap): readonly string[] => {
      const names = this.#names[map]
      return names.has('*') ? ['*'] : [...names].sort()
    }
    return {
      headers: sorted('headers'),
      cookies: sorted('cookies'),
      query: sorted('query'),
      route: sorted('route'),
      body: sorted('body'),
      labels: sorted('labels'),
      cookie: this.#cookie,
      response: this.#response,
    }
  }
}
