import { type AddressRange, parseAddressRange } from '../addresses/address-range.js'
import { formatIpAddress } from '../addresses/ip-address.js'

/**
 * An entry of a list in its one canonical form: an address as RFC 5952 writes it, a range by its first address and
 * prefix length (one that holds a single address is that address), IPv4-mapped ones as IPv4; any other text in Unicode
 * form NFC. Two entries that mean the same have the same form.
 */
export function canonicalListEntry(text: string): string {
  const range = mayBeAddress(text) ? parseAddressRange(text) : undefined
  return range === undefined ? listText(text) : formatRange(range)
}

/** Text as it is looked up: in Unicode form NFC, as in entity keys. */
export function listText(text: string): string {
  return BEYOND_NFC.test(text) ? text.normalize('NFC') : text
}

/** Only text with a letter from here on can have another form. */
const BEYOND_NFC = /[\u0300-\uffff]/

/** Whether it is worth parsing as an address: it begins like one. */
export function mayBeAddress(text: string): boolean {
  const first = text.charCodeAt(0)
  const isDigit = first >= 48 && first <= 57
  const isHex = (first >= 65 && first <= 70) || (first >= 97 && first <= 102)
  return isDigit || isHex ? /[.:]/.test(text) : first === COLON || first === BRACKET
}

const COLON = 58
const BRACKET = 91

function formatRange({ first, bits }: AddressRange): string {
  const groups = first.groups.map((group, at) => group & groupMask(bits - at * 16))
  const address = formatIpAddress({ version: first.version, groups })
  return bits === (first.version === 4 ? 32 : 128) ? address : `${address}/${bits}`
}

/** The part of a group of 16 bits that lies within the first `left` bits from its start. */
export function groupMask(left: number): number {
  return left >= 16 ? 0xffff : left <= 0 ? 0 : (0xffff << (16 - left)) & 0xffff
}
