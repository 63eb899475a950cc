import { LAST_UNIT, normalised, type UnitSet } from './pattern-tree.js'

/** ECMA-262 Canonicalize without the `u` flag: upper case of one unit, unless that makes several or leaves non-ASCII for ASCII. */
function canonical(unit: number): number {
  const upper = String.fromCharCode(unit).toUpperCase()
  if (upper.length !== 1) return unit
  const folded = upper.charCodeAt(0)
  return unit >= 128 && folded < 128 ? unit : folded
}

let families: ReadonlyMap<number, readonly number[]> | undefined

/** Units that fold together, by their canonical unit; only families of two and more. Made when first needed. */
function foldingFamilies(): ReadonlyMap<number, readonly number[]> {
  if (families !== undefined) return families
  const found = new Map<number, number[]>()
  for (let unit = 0; unit <= LAST_UNIT; unit++) {
    const folded = canonical(unit)
    if (folded === unit) continue
    const family = found.get(folded)
    if (family === undefined) found.set(folded, [folded, unit])
    else family.push(unit)
  }
  families = found
  return found
}

/** The set with every unit that the `i` flag lets stand for one of its units. */
export function foldedSet(set: UnitSet): UnitSet {
  // Nothing outside ASCII folds together with something in it.
  if (set.every(([, high]) => high < 0x80)) return foldedAscii(set)
  const ranges: (readonly [number, number])[] = [...set]
  for (const [folded, family] of foldingFamilies()) {
    const touched = set.some(([low, high]) => family.some((unit) => unit >= low && unit <= high))
    if (touched) for (const unit of [folded, ...family]) ranges.push([unit, unit])
  }
  return normalised(ranges)
}

function foldedAscii(set: UnitSet): UnitSet {
  const ranges = [...set]
  for (const [low, high] of set) {
    for (const [from, to, distance] of [
      [0x41, 0x5a, 0x20],
      [0x61, 0x7a, -0x20],
    ] as const) {
      const start = Math.max(low, from)
      const end = Math.min(high, to)
      if (start <= end) ranges.push([start + distance, end + distance])
    }
  }
  return normalised(ranges)
}
