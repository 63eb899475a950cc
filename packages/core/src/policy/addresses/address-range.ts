import { type IpAddress, parseIpAddress } from './ip-address.js'

/** A range of addresses: those that share the first `bits` bits. */
export interface AddressRange {
  readonly first: IpAddress
  readonly bits: number
}

/**
 * Parses a range as `203.0.113.0/24` or `2001:db8::/32`, or one address. Bits behind the prefix make no difference; a range
 * of IPv4-mapped addresses is one of IPv4. `undefined` for anything else.
 */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [address = '', prefix, ...more] = text.split('/')
  const first = parseIpAddress(address)
  if (first === undefined || more.length > 0) return undefined
  const most = first.version === 4 ? 32 : 128
  if (prefix === undefined) return { first, bits: most }
  if (!/^\d{1,3}$/.test(prefix)) return undefined
  const isMapped = first.version === 4 && address.includes(':')
  const bits = Number(prefix) - (isMapped ? 96 : 0)
  return bits >= 0 && bits <= most ? { first, bits } : undefined
}

/** Whether an address is in a range. IPv4 and IPv6 are never in each other's. */
export function isInRange(address: IpAddress, { first, bits }: AddressRange): boolean {
  if (address.version !== first.version) return false
  for (let at = 0, left = bits; left > 0; at++, left -= 16) {
    const mask = left >= 16 ? 0xffff : (0xffff << (16 - left)) & 0xffff
    if (((address.groups[at] ?? 0) & mask) !== ((first.groups[at] ?? 0) & mask)) return false
  }
  return true
}
