import type { ServerResponse } from 'node:http'
import type { Reply } from '../enforce/reply.js'

/** Headers that the application may have begun to fill, for example for CORS: ours are added to its own. */
const MERGED = ['vary', 'access-control-expose-headers']

function merged(response: ServerResponse, name: string, value: string): string {
  const present = response.getHeader(name)
  const known = (Array.isArray(present) ? present : [String(present ?? '')])
    .join(',')
    .split(',')
    .map((each) => each.trim())
  const wanted = value.split(',').map((each) => each.trim())
  const seen = new Set<string>()
  const all = [...known, ...wanted].filter((each) => {
    const key = each.toLowerCase()
    if (each === '' || seen.has(key)) return false
    seen.add(key)
    return true
  })
  return all.join(', ')
}

/** Writes an answer of Esper's own; false when the application has begun to answer already. */
export function writeReply(response: ServerResponse, reply: Reply, method: string): boolean {
  if (response.headersSent || response.writableEnded) return false
  response.statusCode = reply.status
  for (const [name, value] of Object.entries(reply.headers)) {
    if (MERGED.includes(name)) response.setHeader(name, merged(response, name, value))
    else if (name === 'set-cookie') response.appendHeader(name, value)
    else response.setHeader(name, value)
  }
  response.setHeader('content-length', Buffer.byteLength(reply.body))
  response.end(method === 'HEAD' ? undefined : reply.body)
  return true
}
