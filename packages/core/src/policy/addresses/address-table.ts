import { groupMask, mayBeAddress } from '../lists/list-entry.js'
import { type AddressRange, parseAddressRange } from './address-range.js'
import type { IpAddress } from './ip-address.js'

/** The ranges of one prefix length: when each expires, by its bits. */
interface Bucket<Key> {
  readonly bits: number
  readonly ranges: Map<Key, number>
}

/**
 * Addresses and ranges, each with a time it expires at. A look-up asks one table for each prefix length that occurs, the
 * longest first: at most 33 for IPv4 and 129 for IPv6, however many ranges there are.
 */
export class AddressTable {
  readonly #four: Bucket<number>[] = []
  readonly #six: Bucket<string>[] = []

  /** Adds a range; `false` when the text is none. */
  add(text: string, expiresAt: number): boolean {
    const range = mayBeAddress(text) ? rangeOf(text) : undefined
    if (range === undefined) return false
    const { first, bits } = range
    if (first.version === 4) bucketOf(this.#four, bits).ranges.set(keyOfFour(numberOf(first), bits), expiresAt)
    else bucketOf(this.#six, bits).ranges.set(keyOfSix(first, bits), expiresAt)
    return true
  }

  /** Whether an address, or every address of a range, lies in a range that has not expired at this time. */
  has(text: string, at: number): boolean {
    if ((this.#four.length === 0 && this.#six.length === 0) || !mayBeAddress(text)) return false
    const range = lastRange(text)
    if (range === undefined) return false
    return range.first.version === 4 ? this.#hasFour(range, at) : this.#hasSix(range, at)
  }

  #hasFour({ first, bits }: AddressRange, at: number): boolean {
    const number = numberOf(first)
    for (const bucket of this.#four) {
      if (bucket.bits > bits) continue
      const expiresAt = bucket.ranges.get(keyOfFour(number, bucket.bits))
      if (expiresAt !== undefined && at < expiresAt) return true
    }
    return false
  }

  #hasSix({ first, bits }: AddressRange, at: number): boolean {
    for (const bucket of this.#six) {
      if (bucket.bits > bits) continue
      const expiresAt = bucket.ranges.get(keyOfSix(first, bucket.bits))
      if (expiresAt !== undefined && at < expiresAt) return true
    }
    return false
  }
}

function bucketOf<Key>(buckets: Bucket<Key>[], bits: number): Bucket<Key> {
  const known = buckets.find((bucket) => bucket.bits === bits)
  if (known !== undefined) return known
  const fresh: Bucket<Key> = { bits, ranges: new Map() }
  buckets.push(fresh)
  buckets.sort((one, other) => other.bits - one.bits)
  return fresh
}

function numberOf({ groups }: IpAddress): number {
  return ((groups[0] ?? 0) << 16) | (groups[1] ?? 0)
}

/** A signed number of 32 bits, which costs a map no more than its place. */
function keyOfFour(number: number, bits: number): number {
  return bits === 0 ? 0 : number & (-1 << (32 - bits))
}

function keyOfSix({ groups }: IpAddress, bits: number): string {
  let key = ''
  for (let at = 0; at * 16 < bits; at++) key += String.fromCharCode((groups[at] ?? 0) & groupMask(bits - at * 16))
  return key
}

let rememberedText: string | undefined
let rememberedRange: AddressRange | undefined

/** Many policies of a set look the one address of an event up. */
function lastRange(text: string): AddressRange | undefined {
  if (text !== rememberedText) {
    rememberedRange = rangeOf(text)
    rememberedText = text
  }
  return rememberedRange
}

function rangeOf(text: string): AddressRange | undefined {
  const four = plainFour(text)
  return four === undefined ? parseAddressRange(text) : { first: { version: 4, groups: four }, bits: 32 }
}

const ZERO = 48
const DOT = 46

/** `parseIpAddress` for the form that nearly all addresses have, many times as fast; `undefined` for any other text. */
function plainFour(text: string): readonly [number, number] | undefined {
  if (text.length > 15) return undefined
  let octet = 0
  let digits = 0
  let dots = 0
  let high = 0
  let low = 0
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? DOT : text.charCodeAt(at)
    if (code === DOT) {
      if (digits === 0 || octet > 255 || dots > 3) return undefined
      if (dots < 2) high = (high << 8) | octet
      else low = (low << 8) | octet
      dots += 1
      octet = 0
      digits = 0
    } else {
      const digit = code - ZERO
      if (digit < 0 || digit > 9 || digits === 3) return undefined
      octet = octet * 10 + digit
      digits += 1
    }
  }
  return dots === 4 ? [high, low] : undefined
}
