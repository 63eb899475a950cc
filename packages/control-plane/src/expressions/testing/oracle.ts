import { BlockList, isIP } from 'node:net'
import jsonata from 'jsonata'
import { EXAMPLE_LISTS } from '../language/entry.js'

/**
 * An expression as jsonata itself has it, with Esper's own functions added the way node:net answers them. Only
 * `$base64decode` is told which letters have no meaning: jsonata leaves it to the platform, where browsers throw, and Node
 * takes half of a letter beyond Latin-1 for one of the alphabet, or for the end.
 */
export function oracleOf(source: string): jsonata.Expression {
  const expression = jsonata(source)
  expression.registerFunction('cidr', cidr, '<s(sa):b>')
  expression.registerFunction('in_list', inList, '<ss:b>')
  expression.registerFunction('base64decode', base64Decoded, '<s-:s>')
  return expression
}

function base64Decoded(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined
  return Buffer.from(text.replace(/[^\0-\xff]/g, ''), 'base64').toString('latin1')
}

/** Of addresses and ranges alone. */
function inList(text: unknown, name: unknown): boolean | undefined {
  const ranges = (EXAMPLE_LISTS[String(name)] ?? []).filter((entry) => isIP(entry.split('/')[0] ?? '') !== 0)
  return cidr(text, ranges)
}

function cidr(text: unknown, range: unknown): boolean | undefined {
  if (typeof text !== 'string' || range === undefined) return undefined
  const list = new BlockList()
  for (const item of Array.isArray(range) ? range : [range]) {
    if (typeof item !== 'string') throw new OracleError('T0410')
    addRange(list, item)
  }
  const family = isIP(text)
  if (family === 0) throw new OracleError('E1001')
  return list.check(text, family === 4 ? 'ipv4' : 'ipv6')
}

function addRange(list: BlockList, range: string): void {
  const [address = '', bits] = range.split('/')
  const family = isIP(address)
  if (family === 0) throw new OracleError('E1002')
  const most = family === 4 ? 32 : 128
  list.addSubnet(address, bits === undefined ? most : Number(bits), family === 4 ? 'ipv4' : 'ipv6')
}

class OracleError extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}
