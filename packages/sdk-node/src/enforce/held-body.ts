import type { BodySource } from '../request/body-source.js'
import type { HeldBody } from './challenge-page.js'

type Field = readonly [name: string, value: string]

const MAX_FORM_BYTES = 65_536
const MAX_FIELDS = 500
const READ_TIMEOUT_MS = 5_000
const LOST: HeldBody = { kind: 'lost' }

/** What a challenged request had sent, in a form in which the page can send it again. Never rejects. */
export async function holdBody(method: string, source: BodySource): Promise<HeldBody> {
  if (method === 'GET' || method === 'HEAD') return { kind: 'none' }
  if (!source.contentType.toLowerCase().startsWith('application/x-www-form-urlencoded')) return LOST
  if (typeof source.parsed === 'object' && source.parsed !== null) {
    const fields = flatten(source.parsed)
    return fields === undefined ? LOST : { kind: 'form', fields }
  }
  const body = await source.read({ maxBytes: MAX_FORM_BYTES, timeoutMs: READ_TIMEOUT_MS })
  if (body === undefined) return LOST
  const fields = [...new URLSearchParams(new TextDecoder().decode(body))]
  return fields.length > MAX_FIELDS ? LOST : { kind: 'form', fields }
}

/** A parsed form as names and values again: nested values in brackets, as form parsers read them. */
function flatten(parsed: object): readonly Field[] | undefined {
  const fields: Field[] = []
  const add = (name: string, value: unknown, depth: number): boolean => {
    if (depth > 8 || fields.length >= MAX_FIELDS) return false
    if (typeof value === 'string') return fields.push([name, value]) > 0
    if (typeof value === 'number' || typeof value === 'boolean') return fields.push([name, String(value)]) > 0
    if (Array.isArray(value))
      return value.every((each) => add(typeof each === 'string' ? name : `${name}[]`, each, depth + 1))
    if (typeof value !== 'object' || value === null) return value === undefined || value === null
    return Object.entries(value).every(([key, each]) => add(`${name}[${key}]`, each, depth + 1))
  }
  return Object.entries(parsed).every(([name, value]) => add(name, value, 0)) ? fields : undefined
}
