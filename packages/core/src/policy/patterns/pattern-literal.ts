import type { PatternNode } from './pattern-tree.js'

/** A pattern that asks for one text, at the start, at the end, as the whole, or anywhere. */
export interface LiteralPattern {
  readonly text: string
  readonly atStart: boolean
  readonly atEnd: boolean
}

/** The one text that a pattern asks for; `undefined` for a pattern that asks for anything else. */
export function literalPattern(tree: PatternNode): LiteralPattern | undefined {
  const parts = tree.kind === 'all' ? tree.parts : [tree]
  const atStart = isEdge(parts[0], 'start')
  const atEnd = parts.length > 1 && isEdge(parts.at(-1), 'end')
  const letters = parts.slice(atStart ? 1 : 0, atEnd ? -1 : undefined).map(onlyUnit)
  const units = letters.filter((unit) => unit !== undefined)
  if (units.length < letters.length || units.length === 0) return undefined
  return { text: String.fromCharCode(...units), atStart, atEnd }
}

function isEdge(node: PatternNode | undefined, edge: 'start' | 'end'): boolean {
  return node?.kind === 'edge' && node.edge === edge
}

function onlyUnit(node: PatternNode): number | undefined {
  const [range, another] = node.kind === 'set' ? node.units : []
  return range !== undefined && another === undefined && range[0] === range[1] ? range[0] : undefined
}
