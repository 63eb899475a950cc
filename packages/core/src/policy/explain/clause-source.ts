const SYMBOLS: ReadonlyMap<unknown, string> = new Map([
  ['and', 'and'],
  ['or', 'or'],
  ['eq', '='],
  ['ne', '!='],
  ['lt', '<'],
  ['le', '<='],
  ['gt', '>'],
  ['ge', '>='],
  ['in', 'in'],
  ['add', '+'],
  ['sub', '-'],
  ['mul', '*'],
  ['div', '/'],
  ['mod', '%'],
  ['concat', '&'],
])

/** A path as expressions write it: `headers."x-flow"`. */
export function pathSource(path: readonly string[]): string {
  return path.map((name) => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name))).join('.')
}

/** An instruction of a program, as a person reads it. */
export function clauseSource(node: unknown): string {
  if (!Array.isArray(node)) return '…'
  const [op, ...operands]: readonly unknown[] = node
  const symbol = SYMBOLS.get(op)
  if (symbol !== undefined) return operands.map(operandSource).join(` ${symbol} `)
  switch (op) {
    case 'lit':
      return JSON.stringify(operands[0])
    case 'path':
      return pathSource(operands.map(String))
    case 'neg':
      return `-${operandSource(operands[0])}`
    case 'block':
      return `(${clauseSource(operands[0])})`
    case 'if':
      return `${operandSource(operands[0])} ? ${operands.slice(1).map(operandSource).join(' : ')}`
    case 'list':
      return `[${operands.map(clauseSource).join(', ')}]`
    case 'call':
      return `$${String(operands[0])}(${operands.slice(1).map(clauseSource).join(', ')})`
    case 'test':
      return `$contains(${clauseSource(operands[0])}, /${String(operands[1])}/${String(operands[2])})`
    case 'in_list':
      return `$in_list(${clauseSource(operands[0])}, ${JSON.stringify(operands[1])})`
    default:
      return `${String(op)}(…)`
  }
}

function operandSource(node: unknown): string {
  const isCompound = Array.isArray(node) && (SYMBOLS.has(node[0]) || node[0] === 'if')
  return isCompound ? `(${clauseSource(node)})` : clauseSource(node)
}
