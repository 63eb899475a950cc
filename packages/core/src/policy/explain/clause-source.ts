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

const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function'])

/** A path as expressions write it: `headers."x-flow"`. */
export function pathSource(path: readonly string[]): string {
  const [first, ...rest] = path
  if (first === undefined) return '$'
  const names = [firstName(first), ...rest.map(laterName)]
  return names.join('.')
}

function isPlain(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !KEYWORDS.has(name)
}

/** Text in quotes is no name where a path begins. */
function firstName(name: string): string {
  if (isPlain(name)) return name
  return name === '' || name.includes('`') ? `$.${JSON.stringify(name)}` : `\`${name}\``
}

function laterName(name: string): string {
  return isPlain(name) ? name : JSON.stringify(name)
}

/** A program, or one of its instructions, as a person reads it: an expression that gives the same program again. */
export function clauseSource(node: unknown): string {
  return source(node, false)
}

/** `inItem`: within a selection or step, where a path of the record starts with `$$`. */
function source(node: unknown, inItem: boolean): string {
  if (!Array.isArray(node)) return '…'
  const [op, ...operands]: readonly unknown[] = node
  const inner = (operand: unknown): string => source(operand, inItem)
  const operand = (one: unknown): string => operandSource(one, inItem)
  const part = (one: unknown): string => (isJoined(one) ? `(${inner(one)})` : inner(one))
  const symbol = SYMBOLS.get(op)
  if (symbol !== undefined) return operands.map(JOINING.has(op) ? part : operand).join(` ${symbol} `)
  switch (op) {
    case 'lit':
      return JSON.stringify(operands[0])
    case 'path':
      return recordPath(pathSource(operands.map(String)), inItem)
    case 'item':
      return pathSource(operands.map(String))
    case 'whole':
      return '$$'
    case 'neg':
      return `-${isNumber(operands[0]) ? `(${inner(operands[0])})` : operand(operands[0])}`
    case 'block':
      return `(${operands.map(inner).join('; ')})`
    case 'if':
      return `${operand(operands[0])} ? ${operands.slice(1).map(operand).join(' : ')}`
    case 'list':
      return `[${operands.map(inner).join(', ')}]`
    case 'range':
      return operands.map(operand).join('..')
    case 'object':
      return objectSource(operands.map(operand))
    case 'call':
      return `$${String(operands[0])}(${operands.slice(1).map(inner).join(', ')})`
    case 'test':
      return `$contains(${inner(operands[0])}, /${String(operands[1])}/${String(operands[2])})`
    case 'match':
      return `$match(${inner(operands[0])}, /${String(operands[1])}/${String(operands[2])})`
    case 'in_list':
      return `$in_list(${inner(operands[0])}, ${JSON.stringify(operands[1])})`
    case 'filter':
      return `${selectedSource(operands[0], inItem)}${selections(operands.slice(1))}`
    case 'steps':
      return stepsSource(operands, inItem)
    default:
      return `${String(op)}(…)`
  }
}

function operandSource(node: unknown, inItem: boolean): string {
  const isCompound = Array.isArray(node) && (SYMBOLS.has(node[0]) || node[0] === 'if')
  return isCompound ? `(${source(node, inItem)})` : source(node, inItem)
}

/** Operators that join conditions: comparisons bind closer and need no parentheses in them. */
const JOINING: ReadonlySet<unknown> = new Set(['and', 'or'])

function isJoined(node: unknown): boolean {
  return Array.isArray(node) && (JOINING.has(node[0]) || node[0] === 'if')
}

function isNumber(node: unknown): boolean {
  return Array.isArray(node) && node[0] === 'lit' && typeof node[1] === 'number'
}

function recordPath(path: string, inItem: boolean): string {
  if (!inItem) return path
  return path.startsWith('$.') ? `$${path}` : `$$.${path}`
}

function objectSource(parts: readonly string[]): string {
  const names = parts.filter((_, index) => index % 2 === 0)
  return `{${names.map((name, index) => `${name}: ${parts[index * 2 + 1] ?? '…'}`).join(', ')}}`
}

/** What a selection or step may follow without parentheses around it. */
const BARE: ReadonlySet<unknown> = new Set(['call', 'item', 'whole', 'block', 'match', 'test', 'in_list'])

function selectedSource(node: unknown, inItem: boolean): string {
  return Array.isArray(node) && node[0] === 'list' ? source(node, inItem) : bareSource(node, inItem)
}

function bareSource(node: unknown, inItem: boolean): string {
  const isBare = Array.isArray(node) && BARE.has(node[0]) && !(node[0] === 'item' && node.length > 1)
  return isBare ? source(node, inItem) : `(${source(node, inItem)})`
}

function selections(filters: readonly unknown[]): string {
  return filters.map((filter) => `[${source(filter, true)}]`).join('')
}

function stepsSource([start, ...steps]: readonly unknown[], inItem: boolean): string {
  const kind: unknown = Array.isArray(start) ? start[0] : undefined
  const written = steps.map((step, index) => stepSource(step, index === 0 && (kind === 'record' || kind === 'item')))
  const path = written.join('.')
  if (kind === 'record') return recordPath(path, inItem)
  if (kind === 'item' && Array.isArray(start) && start.length === 1) {
    const [first] = steps
    return startsAlone(first, steps.length) ? path : `$.${path}`
  }
  return `${stepStart(start, inItem)}.${path}`
}

/** Whether the first step over an item says by itself that it is over the item. */
function startsAlone(step: unknown, count: number): boolean {
  if (!Array.isArray(step) || step[0] === 'name') return true
  const isVariable =
    Array.isArray(step[1]) && (step[1][0] === 'whole' || (step[1][0] === 'item' && step[1].length === 1))
  return count > 1 && !isVariable && step.length === 2
}

function stepStart(node: unknown, inItem: boolean): string {
  return Array.isArray(node) && node[0] === 'filter' ? source(node, inItem) : bareSource(node, inItem)
}

function stepSource(step: unknown, isFirst: boolean): string {
  if (!Array.isArray(step)) return '…'
  const [kind, what, ...filters]: readonly unknown[] = step
  if (kind === 'name') return `${isFirst ? firstName(String(what)) : laterName(String(what))}${selections(filters)}`
  return `${stepStart(what, true)}${selections(filters)}`
}
