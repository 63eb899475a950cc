/** A parsed address as groups of 16 bits: 2 of them for IPv4, 8 for IPv6. */
export interface IpAddress {
  readonly version: 4 | 6
  readonly groups: readonly number[]
}

/** Parses an IPv4 or IPv6 address; a zone is dropped, an IPv4-mapped IPv6 address becomes IPv4. `undefined` for anything else. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (text.length > 64) return undefined
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '')
  const four = parseFour(bare)
  if (four !== undefined) return { version: 4, groups: four }
  const groups = parseSix(bare)
  if (groups === undefined) return undefined
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  return isMapped ? { version: 4, groups: groups.slice(6) } : { version: 6, groups }
}

/** Text of an address in its one canonical form (RFC 5952). */
export function formatIpAddress({ version, groups }: IpAddress): string {
  if (version === 4) return groups.flatMap((group) => [group >> 8, group & 255]).join('.')
  const [start, length] = longestZeros(groups)
  const hex = groups.map((group) => group.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const FOUR = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`)

/** Whether a text is an IPv4 address in its canonical form, as nearly all addresses are. */
export function isCanonicalFour(text: string): boolean {
  return FOUR.test(text)
}

/** Canonical text of an address; text that is no address stays as it is. */
export function canonicalAddress(text: string): string {
  if (isCanonicalFour(text)) return text
  const address = parseIpAddress(text)
  return address === undefined ? text : formatIpAddress(address)
}

/** The network an address is counted under: IPv6 by its /64, which one client has whole; IPv4 as it is. */
export function addressGroup(text: string): string {
  if (!text.includes(':')) return canonicalAddress(text)
  const address = parseIpAddress(text)
  if (address === undefined) return text
  if (address.version === 4) return formatIpAddress(address)
  const network = [...address.groups.slice(0, 4), 0, 0, 0, 0]
  return `${formatIpAddress({ version: 6, groups: network })}/64`
}

function parseFour(text: string): readonly number[] | undefined {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (found === null) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = found.slice(1).map(Number)
  return Math.max(a, b, c, d) > 255 ? undefined : [(a << 8) | b, (c << 8) | d]
}

function parseSix(text: string): readonly number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2 || !text.includes(':')) return undefined
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1))
  if (head === undefined) return undefined
  if (halves.length === 1) return head.length === 8 ? head : undefined
  if (tail === undefined || head.length + tail.length > 7) return undefined
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]
}

function parseGroups(half: string, isLast: boolean): readonly number[] | undefined {
  if (half === '') return []
  const groups: number[] = []
  const parts = half.split(':')
  for (const [index, part] of parts.entries()) {
    const four = isLast && index === parts.length - 1 ? parseFour(part) : undefined
    if (four !== undefined) groups.push(...four)
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

function longestZeros(groups: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 0]
  let start = 0
  for (const [index, group] of [...groups, 1].entries()) {
    if (group === 0) continue
    if (index - start > best[1]) best = [start, index - start]
    start = index + 1
  }
  return best
}
