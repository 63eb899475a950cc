import { parseIpAddress } from '@esper/core'

type Value = string | number | { readonly [name: string]: Value } | readonly Value[]

/** A node of the search tree: below it on either side another node, the place of a value, or nothing. */
interface Node {
  readonly sides: [Node | number | undefined, Node | number | undefined]
}

const RECORD_BITS = 24
const SEPARATOR_BYTES = 16

/** A small MMDB file (MaxMind DB format 2.0, IPv6 tree) that says these values of these networks. */
export function writeMmdb(networks: Readonly<Record<string, Value>>): Buffer {
  const root: Node = { sides: [undefined, undefined] }
  const values: Buffer[] = []
  let bytes = 0
  for (const [network, value] of Object.entries(networks)) {
    insert(root, bitsOf(network), bytes)
    const encoded = encode(value)
    values.push(encoded)
    bytes += encoded.length
  }
  const nodes = inOrder(root)
  const metadata = encode({
    node_count: nodes.length,
    record_size: RECORD_BITS,
    ip_version: 6,
    database_type: 'Test',
    languages: ['en'],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    description: { en: 'test' },
  })
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
  return Buffer.concat([treeOf(nodes), Buffer.alloc(SEPARATOR_BYTES), ...values, marker, metadata])
}

function bitsOf(network: string): readonly number[] {
  const [text = '', length] = network.split('/')
  const address = parseIpAddress(text)
  if (address === undefined) throw new Error(`No network: ${network}`)
  // IPv4 stands below ::/96.
  const groups = address.version === 4 ? [0, 0, 0, 0, 0, 0, ...address.groups] : address.groups
  const bits = groups.flatMap((group) => Array.from({ length: 16 }, (_, bit) => (group >> (15 - bit)) & 1))
  return bits.slice(0, Number(length) + (address.version === 4 ? 96 : 0))
}

function insert(root: Node, bits: readonly number[], place: number): void {
  let node = root
  for (const [depth, bit] of bits.entries()) {
    const side = bit === 1 ? 1 : 0
    if (depth === bits.length - 1) {
      node.sides[side] = place
      return
    }
    const next = node.sides[side]
    const inner: Node = typeof next === 'object' ? next : { sides: [undefined, undefined] }
    node.sides[side] = inner
    node = inner
  }
}

function inOrder(root: Node): readonly Node[] {
  const nodes = [root]
  for (const node of nodes) for (const side of node.sides) if (typeof side === 'object') nodes.push(side)
  return nodes
}

function treeOf(nodes: readonly Node[]): Buffer {
  const numbers = new Map(nodes.map((node, number) => [node, number]))
  const tree = Buffer.alloc((nodes.length * RECORD_BITS * 2) / 8)
  for (const [number, { sides }] of nodes.entries()) {
    for (const [side, target] of sides.entries()) {
      const record =
        typeof target === 'number' ? nodes.length + SEPARATOR_BYTES + target : numbers.get(target ?? root(nodes))
      tree.writeUIntBE(target === undefined ? nodes.length : (record ?? 0), number * 6 + side * 3, 3)
    }
  }
  return tree
}

function root(nodes: readonly Node[]): Node {
  const [first] = nodes
  if (first === undefined) throw new Error('A tree has a root.')
  return first
}

const TYPES = { string: 2, uint32: 6, map: 7, array: 11 } as const

function control(type: number, size: number): Buffer {
  const sized = size < 29 ? [size] : [29, size - 29]
  const [first = 0, ...more] = sized
  return type < 8 ? Buffer.from([(type << 5) | first, ...more]) : Buffer.from([first, type - 7, ...more])
}

function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8')
    return Buffer.concat([control(TYPES.string, bytes.length), bytes])
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([control(TYPES.uint32, 4), bytes])
  }
  if (isList(value)) return Buffer.concat([control(TYPES.array, value.length), ...value.map(encode)])
  const entries = Object.entries(value)
  return Buffer.concat([
    control(TYPES.map, entries.length),
    ...entries.flatMap(([name, item]) => [encode(name), encode(item)]),
  ])
}

function isList(value: object): value is readonly Value[] {
  return Array.isArray(value)
}
