import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

export interface MasterKey {
  readonly id: string
  readonly key: Uint8Array
}

export interface SealedBytes {
  readonly kekId: string
  /** iv (12 bytes), ciphertext, tag (16). */
  readonly sealed: Buffer
}

/** Where the bytes belong: they open nowhere else. */
export interface SealContext {
  readonly tenantId: string
  readonly aad: string
}

export interface BatchSeal {
  seal(plain: Uint8Array, context: SealContext): SealedBytes
  /** Throws when the key is unknown or the bytes are not what was sealed. */
  open(sealed: SealedBytes, context: SealContext): Buffer
}

const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
const CACHED_KEYS = 1_000

/** Seals under the first master key and opens under any, each by a key of the tenant derived from it. */
export function createBatchSeal(masterKeys: readonly MasterKey[]): BatchSeal {
  const current = masterKeys[0]
  if (current === undefined) throw new Error('master_keys: at least one key is needed')
  const masters = new Map(masterKeys.map((master) => [master.id, master.key]))
  const derived = new Map<string, Buffer>()

  function tenantKey(kekId: string, tenantId: string): Buffer {
    const name = `${kekId}:${tenantId}`
    const known = derived.get(name)
    if (known !== undefined) return known
    const master = masters.get(kekId)
    if (master === undefined) throw new Error(`master key ${kekId} is not configured`)
    if (derived.size >= CACHED_KEYS) derived.clear()
    const key = Buffer.from(hkdfSync('sha256', master, tenantId, 'esper/batch-seal/v1', 32))
    derived.set(name, key)
    return key
  }

  return {
    seal(plain, { tenantId, aad }) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv(ALGORITHM, tenantKey(current.id, tenantId), iv, { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(aad))
      const text = Buffer.concat([iv, cipher.update(plain), cipher.final()])
      return { kekId: current.id, sealed: Buffer.concat([text, cipher.getAuthTag()]) }
    },
    open({ kekId, sealed }, { tenantId, aad }) {
      if (sealed.length < IV_BYTES + TAG_BYTES) throw new Error('sealed bytes are too short')
      const iv = sealed.subarray(0, IV_BYTES)
      const decipher = createDecipheriv(ALGORITHM, tenantKey(kekId, tenantId), iv, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(aad))
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
      return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES)), decipher.final()])
    },
  }
}
