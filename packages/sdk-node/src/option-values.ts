import { BlockList, isIP } from 'node:net'
import { integer } from '@esper/core'

/** An http or https origin as given; undefined when it is more or less than that. */
export function readOrigin(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined
  const { protocol, username, password, pathname, search, hash } = new URL(value)
  const plain = username === '' && password === '' && pathname === '/' && search === '' && hash === ''
  return (protocol === 'http:' || protocol === 'https:') && plain ? value : undefined
}

/** Paths of files, also as text with commas; undefined when one is none. */
export function readPaths(value: unknown): readonly string[] | undefined {
  const given = typeof value === 'string' ? value.split(',').map((each) => each.trim()) : value
  if (!Array.isArray(given)) return undefined
  return given.every((each) => typeof each === 'string' && /^[^\0]{1,4096}$/.test(each)) ? given : undefined
}

/** A number of proxies, or a list of addresses and CIDRs, also as text with commas. */
export function readProxies(value: unknown): number | readonly string[] | undefined {
  const given =
    typeof value === 'string' && !/^[0-9]+$/.test(value) ? value.split(',').map((each) => each.trim()) : value
  if (!Array.isArray(given)) return integer({ min: 0, max: 32 }).read(given)
  return given.every((each) => typeof each === 'string' && parseRange(each) !== undefined) ? given : undefined
}

/** Proxies in the form in which addresses are looked up. */
export function trustedProxies(proxies: number | readonly string[]): number | BlockList {
  if (typeof proxies === 'number') return proxies
  const list = new BlockList()
  for (const range of proxies) {
    const parsed = parseRange(range)
    if (parsed !== undefined) list.addSubnet(parsed.address, parsed.bits, parsed.family)
  }
  return list
}

function parseRange(range: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', bits, ...rest] = range.split('/')
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  const length = bits === undefined ? most : /^[0-9]{1,3}$/.test(bits) ? Number(bits) : -1
  if (version === 0 || rest.length > 0 || length < 0 || length > most) return undefined
  return { address, bits: length, family: version === 4 ? 'ipv4' : 'ipv6' }
}
