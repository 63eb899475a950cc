import { readVectors } from './read-vectors.js'

interface KeyFile {
  readonly secret: string
  readonly keys: readonly { readonly text: string | null; readonly key: string }[]
}

/** Texts of entities and the keys they are known by outside a process, under a secret of 32 bytes. */
export function entityKeyVectors(): { readonly secret: Buffer; readonly keys: KeyFile['keys'] } {
  const { secret, keys } = readVectors<KeyFile>('policy/entity-keys')
  return { secret: Buffer.from(secret, 'base64url'), keys }
}
