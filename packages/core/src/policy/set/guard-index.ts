import type { Evaluate, Frame, PathSource } from '../expression/frame.js'
import { type Guard, type GuardKey, guardWeight } from './guards.js'
import { PathIndex } from './path-index.js'
import { setBit } from './set-bits.js'

interface IndexedPath {
  readonly read: Evaluate
  readonly index: PathIndex
}

/** Finds, of many conditions, those that an event may meet, without looking at the others. */
export class GuardIndex {
  readonly #paths: readonly IndexedPath[]
  /** Conditions without a guard, one bit each. */
  readonly #always: Uint32Array
  readonly #found: Uint32Array

  /**
   * @param guardLists Guards of each condition; the one that the fewest others share is used.
   * @param source Where their paths are read.
   */
  constructor(guardLists: readonly (readonly Guard[])[], source: PathSource) {
    const words = Math.ceil(guardLists.length / 32)
    this.#always = new Uint32Array(words)
    this.#found = new Uint32Array(words)
    const shares = countShares(guardLists)
    const paths = new Map<string, IndexedPath>()
    for (const [position, guards] of guardLists.entries()) {
      const guard = best(guards, shares)
      if (guard === undefined) setBit(this.#always, position)
      for (const key of guard ?? []) indexedPath(paths, key.path, source).index.add(key, position)
    }
    this.#paths = [...paths.values()]
  }

  /** Bits of the conditions that the event in the frame may meet, at their positions. Overwritten by the next call. */
  find(frame: Frame): Uint32Array {
    this.#found.set(this.#always)
    for (const { read, index } of this.#paths) index.mark(read(frame.record, frame), this.#found)
    return this.#found
  }
}

function keyName({ kind, path, value }: GuardKey): string {
  return JSON.stringify([kind, path, value])
}

function countShares(guardLists: readonly (readonly Guard[])[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>()
  for (const guards of guardLists) {
    for (const name of new Set(guards.flat().map(keyName))) shares.set(name, (shares.get(name) ?? 0) + 1)
  }
  return shares
}

function best(guards: readonly Guard[], shares: ReadonlyMap<string, number>): Guard | undefined {
  let found: Guard | undefined
  let least = Infinity
  for (const guard of guards) {
    const shared = guard.reduce((total, key) => total + (shares.get(keyName(key)) ?? 0), 0)
    const cost = shared * guardWeight(guard)
    if (cost >= least) continue
    least = cost
    found = guard
  }
  return found
}

function indexedPath(paths: Map<string, IndexedPath>, path: readonly string[], source: PathSource): IndexedPath {
  const name = JSON.stringify(path)
  const known = paths.get(name)
  if (known !== undefined) return known
  const added = { read: source.reader(path), index: new PathIndex() }
  paths.set(name, added)
  return added
}
