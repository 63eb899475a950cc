import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { LIMITS } from '@esper/core'

export type ContentEncoding = 'br' | 'gzip'

/** The batch's text, or undefined when it does not inflate or would grow past `LIMITS.batchInflatedBytes`. */
export function inflateBatch(body: Uint8Array, encoding: ContentEncoding | undefined): Uint8Array | undefined {
  const bound = { maxOutputLength: LIMITS.batchInflatedBytes }
  try {
    if (encoding === 'gzip') return gunzipSync(body, bound)
    return encoding === 'br' ? brotliDecompressSync(body, bound) : body
  } catch {
    return undefined
  }
}
