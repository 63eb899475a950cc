import { type AddressRange, isInRange, parseAddressRange } from '../addresses/address-range.js'
import { type IpAddress, parseIpAddress } from '../addresses/ip-address.js'
import { scalarOf } from '../set/guards.js'
import type { Evaluate } from './frame.js'
import { Failure, failure } from './semantics.js'

const T0410 = failure('T0410')
/** The text is no address. */
const E1001 = failure('E1001')
/** The text is no range of addresses. */
const E1002 = failure('E1002')

/** `$cidr(ip, range)` for arguments that the signature let through; `range` is a text or a list of them. */
export function cidr([text, range]: readonly unknown[]): unknown {
  if (typeof text !== 'string' || range === undefined) return undefined
  const ranges: AddressRange[] = []
  for (const item of Array.isArray(range) ? range : [range]) {
    if (typeof item !== 'string') return T0410
    const parsed = parseAddressRange(item)
    if (parsed === undefined) return E1002
    ranges.push(parsed)
  }
  return isInSome(text, ranges)
}

/** The same for ranges known beforehand. */
export function cidrCall(operand: Evaluate, ranges: readonly AddressRange[]): Evaluate {
  return (input, frame) => {
    const text = operand(input, frame)
    if (typeof text === 'string') return isInSome(text, ranges)
    return text === undefined || text instanceof Failure ? text : T0410
  }
}

/** What a range argument says where it is a constant: its ranges, or the first text in it that is none. */
export function constantRanges(
  node: unknown,
): { readonly ranges: readonly AddressRange[] } | { readonly bad: string } | undefined {
  const items = Array.isArray(node) && node[0] === 'list' ? node.slice(1) : [node]
  const texts = items.map(scalarOf).filter((value) => typeof value === 'string')
  if (texts.length !== items.length) return undefined
  const ranges: AddressRange[] = []
  for (const text of texts) {
    const range = parseAddressRange(text)
    if (range === undefined) return { bad: text }
    ranges.push(range)
  }
  return { ranges }
}

function isInSome(text: string, ranges: readonly AddressRange[]): unknown {
  const address = parsedAddress(text)
  if (address === undefined) return E1001
  for (const range of ranges) if (isInRange(address, range)) return true
  return false
}

let lastText: string | undefined
let lastAddress: IpAddress | undefined

/** Many policies of a set ask about the one address of an event. */
function parsedAddress(text: string): IpAddress | undefined {
  if (text !== lastText) {
    lastAddress = parseIpAddress(text)
    lastText = text
  }
  return lastAddress
}
