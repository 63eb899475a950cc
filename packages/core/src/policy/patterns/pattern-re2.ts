import type { PatternNode, UnitSet } from './pattern-tree.js'

/** Where surrogate units go in what RE2 sees, one code point a unit: JavaScript without `u` counts units, RE2 code points. */
const SURROGATE_SHIFT = 0xf0000 - 0xd800

const SURROGATE = /[\ud800-\udfff]/
const SURROGATES = /[\ud800-\udfff]/g

/** The text as RE2 must see it for the pattern that `re2Source` wrote. */
export function re2Text(text: string): string {
  if (!SURROGATE.test(text)) return text
  return text.replace(SURROGATES, (unit) => String.fromCodePoint(unit.charCodeAt(0) + SURROGATE_SHIFT))
}

/** Writes a tree as an RE2 pattern without flags: every set of units is spelt out, so no class of RE2's own is used. */
export function re2Source(node: PatternNode): string {
  switch (node.kind) {
    case 'set':
      return setSource(node.units)
    case 'edge':
      return { start: '\\A', end: '\\z', word: '\\b', 'not-word': '\\B' }[node.edge]
    case 'all':
      return `(?:${node.parts.map(re2Source).join('')})`
    case 'any':
      return `(?:${node.choices.map(re2Source).join('|')})`
    case 'repeat':
      return `(?:${re2Source(node.of)})${bounds(node.least, node.most)}${node.lazy ? '?' : ''}`
  }
}

function bounds(least: number, most: number): string {
  if (most !== Infinity) return `{${least},${most}}`
  return least === 0 ? '*' : least === 1 ? '+' : `{${least},}`
}

function setSource(units: UnitSet): string {
  // RE2 has no empty set; this one matches no unit that `re2Text` can write.
  if (units.length === 0) return '\\x{10ffff}'
  return `[${units.flatMap(shifted).map(rangeSource).join('')}]`
}

function rangeSource([low, high]: readonly [number, number]): string {
  return low === high ? letter(low) : `${letter(low)}-${letter(high)}`
}

function letter(codePoint: number): string {
  return `\\x{${codePoint.toString(16)}}`
}

/** Cuts the surrogates out of a range and moves them to where `re2Text` puts them. */
function shifted([low, high]: readonly [number, number]): (readonly [number, number])[] {
  const parts: (readonly [number, number])[] = []
  if (low < 0xd800) parts.push([low, Math.min(high, 0xd7ff)])
  const from = Math.max(low, 0xd800)
  const to = Math.min(high, 0xdfff)
  if (from <= to) parts.push([from + SURROGATE_SHIFT, to + SURROGATE_SHIFT])
  if (high > 0xdfff) parts.push([Math.max(low, 0xe000), high])
  return parts
}
