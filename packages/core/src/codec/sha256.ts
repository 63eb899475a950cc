import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { encodeBase64Url } from './base64url.js'

/** SHA-256 of the UTF-8 form of a text, base64url: 43 characters. Synchronous, on every runtime. */
export function sha256Base64Url(text: string): string {
  return encodeBase64Url(sha256(utf8ToBytes(text)))
}
