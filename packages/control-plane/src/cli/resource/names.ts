import type { ApiRecord } from '../../clients/operator-client.js'
import { ID_FIELDS, type Reference, type Section } from '../../server/policy-set/document/references.js'
import { CliError, type Finding } from '../cli-error.js'
import type { Session } from '../client/api-command.js'
import { EXIT } from '../exit-codes.js'
import type { ResourceSpec } from './resource-spec.js'

/** Where a kind of resource stands, below the API. */
export async function pathOf({ collection, ofTenant }: ResourceSpec, session: Session): Promise<string> {
  return ofTenant ? `tenants/${await session.tenantId()}/${collection}` : collection
}

const ID = /^[a-z]{2,6}_[A-Za-z0-9]{8,64}$/

/** The resource that somebody named, by id or by one of its names. */
export async function findResource(spec: ResourceSpec, named: string, session: Session): Promise<ApiRecord> {
  const [client, path] = [await session.client(), await pathOf(spec, session)]
  if (ID.test(named)) return client.get(`${path}/${named}`)
  const all = await client.list(path)
  for (const nameField of spec.nameFields) {
    const found = all.find((record) => record[nameField] === named)
    if (found !== undefined) return found
  }
  throw new CliError(`There is no ${spec.noun} "${named}".`, {
    exitCode: EXIT.notFound,
    code: 'not_found',
    hint: `These are there: esper ${spec.command} list`,
  })
}

/** Names and ids of what the references of a kind may name. */
export type NamesBySection = ReadonlyMap<Section, readonly { readonly id: string; readonly name: string }[]>

export async function namesFor(references: readonly Reference[], session: Session): Promise<NamesBySection> {
  const names = new Map<Section, readonly { readonly id: string; readonly name: string }[]>()
  for (const { to } of references) {
    const path = `tenants/${await session.tenantId()}/${to.replaceAll('_', '-')}`
    const records = await (await session.client()).list(path)
    names.set(
      to,
      records.map((record) => ({ id: String(record[ID_FIELDS[to]]), name: String(record.name) })),
    )
  }
  return names
}

/** A record of the API as documents are written: what it refers to by name. */
export function withNames(record: ApiRecord, references: readonly Reference[], names: NamesBySection): ApiRecord {
  const nameOf = ({ to }: Reference, id: unknown) => names.get(to)?.find((one) => one.id === id)?.name ?? id
  const entries = Object.entries(record).map(([name, value]) => {
    const reference = references.find(({ idField }) => idField === name)
    if (reference === undefined) return [name, value]
    return [reference.field, Array.isArray(value) ? value.map((id) => nameOf(reference, id)) : nameOf(reference, value)]
  })
  return Object.fromEntries(entries)
}

/** A document as the API takes it: what it names, by id. Ids that were written as such stay. */
export function withIds(document: ApiRecord, references: readonly Reference[], names: NamesBySection): ApiRecord {
  const findings: Finding[] = []
  const idOf = (reference: Reference, name: unknown, path: string) => {
    if (name === null) return null
    const known = names.get(reference.to) ?? []
    const found = known.find((one) => one.name === name || one.id === name)
    if (found === undefined) {
      findings.push({
        path,
        code: 'unknown_reference',
        message: `names nothing that is there: ${JSON.stringify(name)}`,
      })
    }
    return found?.id
  }
  const entries = Object.entries(document).map(([name, value]) => {
    const reference = references.find(({ field }) => field === name)
    if (reference === undefined) return [name, value]
    const ids = Array.isArray(value)
      ? value.map((one, index) => idOf(reference, one, `${name}.${index}`))
      : idOf(reference, value, name)
    return [reference.idField, ids]
  })
  if (findings.length > 0) {
    throw new CliError('The document names what is not there.', {
      exitCode: EXIT.refused,
      code: 'unknown_reference',
      findings,
    })
  }
  return Object.fromEntries(entries)
}

/** A path in the API's words, in the words of the document. */
export function documentPath(path: string, references: readonly Reference[]): string {
  const [first = '', ...rest] = path.split('.')
  const reference = references.find(({ idField }) => idField === first)
  return [reference?.field ?? first, ...rest].join('.')
}
