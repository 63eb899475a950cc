import { parsePattern } from './pattern-parse.js'
import type { PatternNode } from './pattern-tree.js'

/** A text that whatever a pattern matches holds somewhere. */
export interface RequiredText {
  readonly text: string
  /** Whether it may stand there in capital letters or small ones. */
  readonly anyCase: boolean
}

/** Shorter texts stand nearly everywhere: to look for them tells nothing apart. */
const LEAST_LENGTH = 3

/**
 * Texts of which one at least stands in whatever the pattern matches, as `curl/` and `wget/` for `^(curl|wget)\/\d`.
 * `undefined` when there are none, or only short ones.
 */
export function requiredTexts(source: string, flags: string): readonly RequiredText[] | undefined {
  const texts = requiredOf(parsePattern(source, flags.includes('i')))
  return texts !== undefined && leastLength(texts) >= LEAST_LENGTH ? texts : undefined
}

function requiredOf(node: PatternNode): readonly RequiredText[] | undefined {
  if (node.kind === 'all') return longestOf([...runsOf(node.parts), ...node.parts.map(requiredOf)])
  if (node.kind === 'any') {
    const choices = node.choices.map(requiredOf)
    const known = choices.filter((texts) => texts !== undefined)
    return known.length === choices.length ? known.flat() : undefined
  }
  return undefined
}

function longestOf(found: readonly (readonly RequiredText[] | undefined)[]): readonly RequiredText[] | undefined {
  let longest: readonly RequiredText[] | undefined
  for (const texts of found) {
    if (texts === undefined) continue
    if (longest === undefined || leastLength(texts) > leastLength(longest)) longest = texts
  }
  return longest
}

function leastLength(texts: readonly RequiredText[]): number {
  return Math.min(...texts.map(({ text }) => text.length))
}

/** Letters that follow one another. */
function runsOf(parts: readonly PatternNode[]): readonly (readonly RequiredText[])[] {
  const runs: RequiredText[] = []
  let run: RequiredText = NOTHING
  for (const part of parts) {
    const letter = letterOf(part)
    if (letter !== undefined) {
      run = { text: run.text + letter.text, anyCase: run.anyCase || letter.anyCase }
      continue
    }
    runs.push(run)
    run = NOTHING
  }
  return [...runs, run].filter(({ text }) => text !== '').map((each) => [each])
}

const NOTHING: RequiredText = { text: '', anyCase: false }

/** One letter, or an ASCII letter in both its cases. */
function letterOf(node: PatternNode): RequiredText | undefined {
  if (node.kind !== 'set') return undefined
  const [one, other, another] = node.units.map(([low, high]) => (low === high ? low : undefined))
  if (one === undefined || another !== undefined || node.units.length > 2) return undefined
  if (node.units.length === 1) return { text: String.fromCharCode(one), anyCase: false }
  const isLetterPair = one >= 0x41 && one <= 0x5a && other === one + 0x20
  return isLetterPair ? { text: String.fromCharCode(other), anyCase: true } : undefined
}
