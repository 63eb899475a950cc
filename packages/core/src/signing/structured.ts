/** What a platform supplies: HMAC-SHA256 of a text's UTF-8 bytes under a key it holds, in base64 with padding. */
export type Mac = (text: string) => string

/** A covered component and its value, as one line of a signature base. */
export type ComponentLine = readonly [name: string, value: string]

/** The one label of both profiles. */
export const SIGNATURE_LABEL = 'esper'

/** Longest `Signature-Input` and `Signature` that are looked at. */
export const SIGNATURE_INPUT_MAX_UNITS = 600
export const SIGNATURE_MAX_UNITS = 100

/** A header as HTTP libraries hand it over; an array means that it was sent twice, which is refused. */
export type HeaderValue = string | readonly string[] | undefined

/** The inner list of covered components, for example `("@method" "@path")`. */
export function componentList(names: readonly string[]): string {
  return `(${names.map((name) => `"${name}"`).join(' ')})`
}

/** RFC 9421 section 2.5: the bytes that are signed, as text. */
export function signatureBase(lines: readonly ComponentLine[], parameters: string): string {
  let base = ''
  for (const [name, value] of lines) base += `"${name}": ${value}\n`
  return `${base}"@signature-params": ${parameters}`
}

const SIGNATURE = /^esper=:([A-Za-z0-9+/]{43}=):$/

/** The MAC out of a `Signature` header; undefined unless it is exactly one, under our label, of 32 bytes. */
export function parseSignatureHeader(value: HeaderValue): string | undefined {
  if (typeof value !== 'string' || value.length > SIGNATURE_MAX_UNITS) return undefined
  return SIGNATURE.exec(value)?.[1]
}

/** Formats a MAC as a `Signature` header. */
export function formatSignatureHeader(macBase64: string): string {
  return `${SIGNATURE_LABEL}=:${macBase64}:`
}

/** Compares two texts in a time that depends on their lengths only. */
export function equalText(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index)
  return difference === 0
}
