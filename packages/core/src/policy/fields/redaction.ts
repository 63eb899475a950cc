import { isList } from '../../codec/canonical-json.js'
import { isEsperCookie } from '../../protocol/headers.js'
import type { FieldMap } from './field-names.js'
import { fieldReference } from './field-names.js'
import type { FieldValue } from './fields.js'

/** What a redacted value starts with; a keyed hash follows. */
export const REDACTED_PREFIX = 'hash:'

const REDACTED = /^hash:[\w-]{16,128}$/

/** Whether a value is in the form that redaction gives. */
export function isRedactedValue(value: unknown): boolean {
  return typeof value === 'string' && REDACTED.test(value)
}

/** Parts of a name, without separators and in lower case, that tell a credential. */
const CREDENTIAL_NAME =
  /authorization|authentication|token|secret|passw|passphrase|passcode|^pwd$|apikey|accesskey|privatekey|credential|cookie|bearer|jwt|^otp$|^cvv$|^cvc$|^pin$|cardnumber/

/** Values that are credentials whatever they are called: JSON Web Tokens, and 32 and more letters of hexadecimal or base64url with digits. */
const CREDENTIAL_VALUE = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$|^(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,}$/

const MOST_REMEMBERED = 2_000
const remembered = new Map<string, boolean>()

/** Whether anything called so is taken for a credential. */
export function isCredentialName(name: string): boolean {
  const known = remembered.get(name)
  if (known !== undefined) return known
  const answer = CREDENTIAL_NAME.test(name.toLowerCase().replace(/[^a-z0-9]/g, ''))
  // Names come from requests: whoever sends many must not fill the memory.
  if (remembered.size >= MOST_REMEMBERED) remembered.clear()
  if (name.length <= 128) remembered.set(name, answer)
  return answer
}

/** Whether a query value, or one of several, is taken for a credential by its form. */
export function holdsCredential(value: FieldValue): boolean {
  if (isList(value)) return value.some(holdsCredential)
  return typeof value === 'string' && value.length >= 32 && CREDENTIAL_VALUE.test(value.slice(0, 2_048))
}

/** Whether an entry of a map is redacted. A cookie is, unless the tenant carries it in clear. */
export function isRedactedEntry(map: FieldMap, name: string, clearCookies: readonly string[]): boolean {
  if (map === 'cookies') return !clearCookies.includes(name) || isEsperCookie(name)
  return isCredentialName(name)
}

/** Whether what a path reads is redacted by its name: on such a field only `$exists` and equality with another are allowed. */
export function isRedactedPath(path: readonly string[], clearCookies: readonly string[] = []): boolean {
  const reference = fieldReference(path)
  if (reference === undefined) return false
  if (reference.kind === 'scalar') return reference.name === 'cookie'
  if (reference.kind === 'whole-map') return reference.map === 'cookies'
  const { map, names, rest } = reference
  return (
    names.some((name) => isRedactedEntry(map, name, clearCookies)) || (map !== 'cookies' && rest.some(isCredentialName))
  )
}
