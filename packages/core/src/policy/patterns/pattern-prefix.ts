import { parsePattern } from './pattern-parse.js'
import type { PatternNode } from './pattern-tree.js'

/** Above it, prefixes are left as short as they are. */
const MOST_PREFIXES = 32

/**
 * Texts of which one must begin whatever the pattern matches, as `/login` and `/logout` for `^\/log(in|out)`. `undefined`
 * when there are none: the pattern is not bound to the start, or begins with a choice of letters.
 */
export function patternPrefixes(source: string, flags: string): readonly string[] | undefined {
  const tree = parsePattern(source, flags.includes('i'))
  const prefixes = (tree.kind === 'any' ? tree.choices : [tree]).map(boundPrefixes)
  const known = prefixes.filter((texts) => texts !== undefined)
  const all = known.flat()
  return known.length === prefixes.length && !all.includes('') ? all : undefined
}

function boundPrefixes(choice: PatternNode): readonly string[] | undefined {
  const parts = choice.kind === 'all' ? choice.parts : [choice]
  const [first] = parts
  return first?.kind === 'edge' && first.edge === 'start' ? beginnings(parts.slice(1)).texts : undefined
}

interface Beginnings {
  readonly texts: readonly string[]
  /** Whether the texts are all there is to match, so that what follows may be added. */
  readonly isWhole: boolean
}

function beginnings(parts: readonly PatternNode[]): Beginnings {
  let texts: readonly string[] = ['']
  for (const part of parts) {
    const next = beginningsOf(part)
    if (texts.length * next.texts.length > MOST_PREFIXES) return { texts, isWhole: false }
    texts = texts.flatMap((text) => next.texts.map((more) => text + more))
    if (!next.isWhole) return { texts, isWhole: false }
  }
  return { texts, isWhole: true }
}

function beginningsOf(node: PatternNode): Beginnings {
  if (node.kind === 'all') return beginnings(node.parts)
  if (node.kind === 'any') {
    const choices = node.choices.map(beginningsOf)
    return { texts: choices.flatMap(({ texts }) => texts), isWhole: choices.every(({ isWhole }) => isWhole) }
  }
  const [range, another] = node.kind === 'set' ? node.units : []
  if (range === undefined || another !== undefined || range[0] !== range[1]) return { texts: [''], isWhole: false }
  return { texts: [String.fromCharCode(range[0])], isWhole: true }
}
