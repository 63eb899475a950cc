import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** Bytes from here on would make the first letters of the alphabet likelier than the last. */
const REJECT_FROM = 256 - (256 % ALPHABET.length)

export type IdPrefix =
  | 'ten'
  | 'usr'
  | 'key'
  | 'opt'
  | 'act'
  | 'ent'
  | 'mit'
  | 'pol'
  | 'exm'
  | 'lst'
  | 'aud'
  | 'shk'
  | 'end'

/** An opaque id: the prefix tells people what it is, 20 random characters (119 bits) make it unique and unguessable. */
export function newId(prefix: IdPrefix): string {
  let text = ''
  while (text.length < 20) {
    for (const byte of randomBytes(32)) {
      if (byte < REJECT_FROM && text.length < 20) text += ALPHABET[byte % ALPHABET.length]
    }
  }
  return `${prefix}_${text}`
}
