import type { IncomingMessage } from 'node:http'
import type { HeldBody } from './challenge-page.js'

type Field = readonly [name: string, value: string]

const MAX_FORM_BYTES = 65_536
const MAX_FIELDS = 500
const READ_TIMEOUT_MS = 5_000
const LOST: HeldBody = { kind: 'lost' }

/** What a challenged request had sent, in a form in which the page can send it again. Never rejects. */
export async function holdBody(request: IncomingMessage, parsed: unknown): Promise<HeldBody> {
  if (request.method === 'GET' || request.method === 'HEAD') return { kind: 'none' }
  const type = request.headers['content-type'] ?? ''
  if (!type.toLowerCase().startsWith('application/x-www-form-urlencoded')) return LOST
  if (typeof parsed === 'object' && parsed !== null) {
    const fields = flatten(parsed)
    return fields === undefined ? LOST : { kind: 'form', fields }
  }
  const body = await readBody(request, { maxBytes: MAX_FORM_BYTES, timeoutMs: READ_TIMEOUT_MS })
  if (body === undefined) return LOST
  const fields = [...new URLSearchParams(body)]
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

/**
 * Reads a body nobody has read yet, as text; undefined when it is too large, too slow, or gone. Node's own limit of time
 * for a request may be minutes, so it has one of its own.
 */
export function readBody(
  request: IncomingMessage,
  limits: { readonly maxBytes: number; readonly timeoutMs: number },
): Promise<string | undefined> {
  if (request.readableEnded || request.destroyed) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const finish = (text: string | undefined) => {
      clearTimeout(timer)
      request.off('data', take).off('end', end).off('close', gone).off('error', gone)
      resolve(text)
    }
    const take = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= limits.maxBytes) chunks.push(chunk)
      else finish(undefined)
    }
    const end = () => finish(Buffer.concat(chunks).toString('utf8'))
    const gone = () => finish(undefined)
    const timer = setTimeout(gone, limits.timeoutMs)
    timer.unref()
    request.on('data', take).on('end', end).on('close', gone).on('error', gone)
  })
}
