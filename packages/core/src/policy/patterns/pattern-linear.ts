import type { PatternNode } from './pattern-tree.js'

/** Ways a backtracking matcher may try at one place of the text; above it the pattern goes to RE2. */
const MOST_WAYS = 256

/**
 * Whether JavaScript's own matcher, which backtracks, is sure to take time linear in the text: at each start the ways
 * to try are bounded, and an unbounded repetition of single letters stands either last, where it cannot fail, or once in
 * a pattern bound to the start of the text, where there is one start only.
 */
export function isLinear(tree: PatternNode): boolean {
  const choices = tree.kind === 'any' ? tree.choices : [tree]
  return choices.every((choice) => {
    const parts = choice.kind === 'all' ? choice.parts : [choice]
    const last = parts.at(-1)
    const head = last !== undefined && isLoop(last) ? parts.slice(0, -1) : parts
    if (product(head.map(ways)) <= MOST_WAYS) return true
    if (!isStart(parts[0])) return false
    const bounded = head.filter((part) => !isLoop(part))
    return head.length - bounded.length === 1 && product(bounded.map(ways)) <= MOST_WAYS
  })
}

function isStart(node: PatternNode | undefined): boolean {
  return node?.kind === 'edge' && node.edge === 'start'
}

function isLoop(node: PatternNode): boolean {
  return node.kind === 'repeat' && node.most === Infinity && node.of.kind === 'set'
}

function product(factors: readonly number[]): number {
  return factors.reduce((total, factor) => total * factor, 1)
}

/** An upper bound of the ways one node can match at one place, and of its length in tries. */
function ways(node: PatternNode): number {
  switch (node.kind) {
    case 'set':
    case 'edge':
      return 1
    case 'all':
      return product(node.parts.map(ways))
    case 'any':
      return node.choices.reduce((total, choice) => total + ways(choice), 0)
    case 'repeat':
      return node.most > 64 ? Infinity : (node.most - node.least + 1) * Math.max(1, ways(node.of) ** node.most)
  }
}

/** Letters that counted repetitions spell out to, as an automaton has them: `(a|b){10}` is 20. */
export function spelledOut(node: PatternNode): number {
  switch (node.kind) {
    case 'set':
    case 'edge':
      return 0
    case 'all':
      return node.parts.reduce((total, part) => total + spelledOut(part), 0)
    case 'any':
      return node.choices.reduce((total, choice) => total + spelledOut(choice), 0)
    case 'repeat':
      return spelledOut(node.of) + letters(node.of) * (countOf(node) - 1)
  }
}

function letters(node: PatternNode): number {
  switch (node.kind) {
    case 'set':
      return 1
    case 'edge':
      return 0
    case 'all':
      return node.parts.reduce((total, part) => total + letters(part), 0)
    case 'any':
      return node.choices.reduce((total, choice) => total + letters(choice), 0)
    case 'repeat':
      return letters(node.of) * countOf(node)
  }
}

function countOf({ least, most }: { readonly least: number; readonly most: number }): number {
  return Math.max(1, most === Infinity ? least : most)
}
