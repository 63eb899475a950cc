const SECRET_KEY =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|cookies|x-api-key|.*(?:secret|password|passwd|token|master_?keys?|credential).*)$/i
const SECRET_VALUE =
  /\b(?:esk|eop)_[A-Za-z0-9_-]{8,}|\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?|\bBearer\s+[A-Za-z0-9._~+/=-]{8,}|(?<=:\/\/[^\s/:@"]{0,256}:)[^\s/@"]+(?=@)/g
const MASK = '[redacted]'
const MAX_DEPTH = 12

/** Takes credentials out of free text: Esper's own secrets, JWTs, bearer values and passwords in URLs. */
export function scrubText(text: string): string {
  return text.replace(SECRET_VALUE, MASK)
}

/** A copy that is safe to log: values under secret-looking keys are masked at any depth, text is scrubbed. */
export function redactForLog(value: unknown): unknown {
  return copy(value, 0, new Set())
}

function copy(value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value === 'string') return scrubText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return value
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (depth >= MAX_DEPTH) return '[deeper]'
  if (above.has(value)) return '[circular]'
  above.add(value)
  const result = copyObject(value, depth, above)
  above.delete(value)
  return result
}

function copyObject(value: object, depth: number, above: Set<object>): unknown {
  if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1, above))
  if (value instanceof Map) return copyObject(Object.fromEntries(value), depth, above)
  if (value instanceof Set) return copyObject([...value], depth, above)
  const result: Record<string, unknown> = {}
  if (value instanceof Error) {
    result.type = value.name
    result.message = scrubText(value.message)
    if (value.stack !== undefined) result.stack = scrubText(value.stack)
    if (value.cause !== undefined) result.cause = copy(value.cause, depth + 1, above)
  }
  for (const [key, item] of Object.entries(value)) {
    if (key in result) continue
    result[key] = SECRET_KEY.test(key) && item !== null && item !== undefined ? MASK : copy(item, depth + 1, above)
  }
  return result
}
