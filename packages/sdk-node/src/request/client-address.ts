import { type BlockList, isIP, isIPv4 } from 'node:net'
import { formatIpAddress, isCanonicalFour, parseIpAddress } from '@esper/core'

/** Where a client address came from: the connection itself, or what a trusted proxy said. */
export type AddressSource = 'socket' | 'forwarded' | 'unknown'

export interface ClientAddress {
  readonly address: string | undefined
  readonly source: AddressSource
  /** Which entry of `X-Forwarded-For` it was, counted from the right; absent for the connection's own. */
  readonly entry?: number
}

/** An address as all parts write it: IPv4-mapped ones unmapped, IPv6 in its short form; undefined when it is none. */
export function normaliseAddress(text: string | undefined): string | undefined {
  if (text === undefined || isCanonicalFour(text)) return text
  // What a socket that listens for both families calls an IPv4 address.
  if (text.startsWith('::ffff:') && isCanonicalFour(text.slice(7))) return text.slice(7)
  const bare = text.includes('%') ? text.slice(0, text.indexOf('%')) : text
  // Leading zeros, which some take for octal, and everything else that is no address end here.
  const address = isIP(bare) === 0 ? undefined : parseIpAddress(bare)
  return address === undefined ? undefined : formatIpAddress(address)
}

function isTrusted(list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/**
 * The client's address. Only what trusted proxies wrote is believed: with a number, that many entries from the right;
 * with a list, up to the first address that is not in it. An entry that is no address ends the walk. Where a framework
 * does not say who is connected, `peer` is undefined: then whoever trusts anybody trusts whoever that is.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trust: number | BlockList,
): ClientAddress {
  const socket = normaliseAddress(peer)
  if (forwardedFor === undefined || trust === 0) {
    return { address: socket, source: socket === undefined ? 'unknown' : 'socket' }
  }
  let address = socket
  let entry = 0
  for (const [hop, text] of forwardedFor.split(',').reverse().entries()) {
    const isBelieved = typeof trust === 'number' ? hop < trust : address === undefined || isTrusted(trust, address)
    const next = isBelieved ? normaliseAddress(text.trim()) : undefined
    if (next === undefined) break
    address = next
    entry = hop + 1
  }
  if (entry > 0) return { address, source: 'forwarded', entry }
  return { address, source: address === undefined ? 'unknown' : 'socket' }
}

/** Where one part of what is taken for the client came from. */
export interface AddressPart {
  readonly part: 'address' | 'scheme' | 'host'
  /** A header, or the connection itself. */
  readonly from: string
}

/** Notices when all traffic seems to come from one proxy that nobody trusts. */
export class AddressWatch {
  readonly #counts: Record<AddressSource, number> = { socket: 0, forwarded: 0, unknown: 0 }
  #peer: string | undefined
  #peers = 0
  #unread = 0
  #last: ClientAddress | undefined

  note(found: ClientAddress, sawForwardedFor: boolean): void {
    this.#counts[found.source] += 1
    this.#last = found
    if (found.source !== 'socket') return
    if (sawForwardedFor) this.#unread += 1
    if (found.address !== this.#peer) {
      this.#peer = found.address
      this.#peers += 1
    }
  }

  report(): {
    readonly source: AddressSource
    readonly counts: Readonly<Record<AddressSource, number>>
    /** Of the last request. */
    readonly parts: readonly AddressPart[]
    readonly warning?: string
  } {
    const { socket, forwarded, unknown } = this.#counts
    const source: AddressSource = forwarded > socket ? 'forwarded' : socket >= unknown ? 'socket' : 'unknown'
    const base = { source, counts: { ...this.#counts }, parts: partsOf(this.#last) }
    if (this.#peers !== 1 || this.#unread < 20 || this.#unread < socket * 0.9) return base
    return {
      ...base,
      warning: `All requests come from ${this.#peer} and name another client in X-Forwarded-For. If that is your proxy, set trustProxy.`,
    }
  }
}

function partsOf(last: ClientAddress | undefined): readonly AddressPart[] {
  if (last === undefined) return []
  const { source, entry } = last
  const address = {
    socket: 'the connection',
    forwarded: `X-Forwarded-For, entry ${entry} from the right`,
    unknown: 'nowhere',
  }
  return [
    { part: 'address', from: address[source] },
    { part: 'scheme', from: source === 'forwarded' ? 'X-Forwarded-Proto' : 'the connection' },
    { part: 'host', from: 'Host' },
  ]
}
