import { parsePattern } from './pattern-parse.js'
import type { PatternNode } from './pattern-tree.js'

/** Whether a pattern, known to be supported, may match no letter at all. */
export function matchesEmptyText(source: string, flags: string): boolean {
  return leastLength(parsePattern(source, flags.includes('i'))) === 0
}

/** The least number of letters that a match has. */
function leastLength(node: PatternNode): number {
  switch (node.kind) {
    case 'set':
      return 1
    case 'edge':
      return 0
    case 'all':
      return node.parts.reduce((total, part) => total + leastLength(part), 0)
    case 'any':
      return Math.min(...node.choices.map(leastLength))
    case 'repeat':
      return node.least * leastLength(node.of)
  }
}
