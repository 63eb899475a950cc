/** A set of UTF-16 units: sorted ranges without overlap, both ends included. */
export type UnitSet = readonly (readonly [low: number, high: number])[]

/** A regular expression as a tree: only what has the same meaning in linear time. */
export type PatternNode =
  | { readonly kind: 'set'; readonly units: UnitSet }
  | { readonly kind: 'edge'; readonly edge: 'start' | 'end' | 'word' | 'not-word' }
  | { readonly kind: 'all'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'any'; readonly choices: readonly PatternNode[] }
  | {
      readonly kind: 'repeat'
      readonly of: PatternNode
      readonly least: number
      readonly most: number
      readonly lazy: boolean
    }

export const LAST_UNIT = 0xffff

/** Sorts ranges and joins those that touch. */
export function normalised(ranges: UnitSet): UnitSet {
  const joined: [number, number][] = []
  for (const [low, high] of [...ranges].sort((one, other) => one[0] - other[0])) {
    const last = joined.at(-1)
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high)
    else joined.push([low, high])
  }
  return joined
}

/** All units that are not in the set. */
export function inverted(set: UnitSet): UnitSet {
  const ranges: [number, number][] = []
  let next = 0
  for (const [low, high] of set) {
    if (low > next) ranges.push([next, low - 1])
    next = high + 1
  }
  if (next <= LAST_UNIT) ranges.push([next, LAST_UNIT])
  return ranges
}

const one = (unit: number): readonly [number, number] => [unit, unit]

export const DIGITS: UnitSet = [[0x30, 0x39]]
export const WORDS: UnitSet = [[0x30, 0x39], [0x41, 0x5a], one(0x5f), [0x61, 0x7a]]
export const LINE_ENDS: UnitSet = [one(0x0a), one(0x0d), [0x2028, 0x2029]]
/** WhiteSpace and LineTerminator of ECMA-262: what `\s` means. */
export const SPACES: UnitSet = [
  [0x09, 0x0d],
  one(0x20),
  one(0xa0),
  one(0x1680),
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  one(0x202f),
  one(0x205f),
  one(0x3000),
  one(0xfeff),
]
