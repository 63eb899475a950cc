import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { MasterKey } from '../../config/option.js'

/** A key as it lies in the database: AES-256-GCM under a master key that is not in the database. All base64url. */
export const wrappedKey = z.object({ kek_id: z.string(), iv: z.string(), ct: z.string(), tag: z.string() })
export type WrappedKey = z.output<typeof wrappedKey>

const ALGORITHM = 'aes-256-gcm'
/** Without it Node accepts a tag cut down to four bytes. */
const TAG_BYTES = 16
const IV_BYTES = 12

/** Wraps with the first master key. `context` says which row and purpose the key is for: in another row it does not open. */
export function wrapKey(masterKeys: readonly MasterKey[], plain: Buffer, context: string): WrappedKey {
  const [current] = masterKeys
  if (current === undefined) throw new Error('there is no master key to wrap with')
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(ALGORITHM, current.key, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(context, 'utf8'))
  const ct = Buffer.concat([cipher.update(plain), cipher.final()])
  return {
    kek_id: current.id,
    iv: iv.toString('base64url'),
    ct: ct.toString('base64url'),
    tag: cipher.getAuthTag().toString('base64url'),
  }
}

/** Opens what `wrapKey` made, with whichever master key it names; throws when that is gone or anything was altered. */
export function unwrapKey(masterKeys: readonly MasterKey[], wrapped: WrappedKey, context: string): Buffer {
  const master = masterKeys.find((key) => key.id === wrapped.kek_id)
  if (master === undefined)
    throw new Error(`master key "${wrapped.kek_id}" is not configured, but a stored key needs it`)
  const iv = Buffer.from(wrapped.iv, 'base64url')
  const decipher = createDecipheriv(ALGORITHM, master.key, iv, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(context, 'utf8'))
  decipher.setAuthTag(Buffer.from(wrapped.tag, 'base64url'))
  return Buffer.concat([decipher.update(Buffer.from(wrapped.ct, 'base64url')), decipher.final()])
}
