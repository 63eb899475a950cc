import type { GuardKey } from './guards.js'
import { setBits } from './set-bits.js'
import { TextIndex } from './text-index.js'

type Positions = number[]

/** One letter of a prefix; `ends` are the conditions whose prefix ends here. */
interface PrefixNode {
  readonly next: Map<number, PrefixNode>
  readonly ends: Positions
}

/** Which conditions a value of one field may meet. */
export class PathIndex {
  readonly #equals = new Map<unknown, Positions>()
  readonly #holds = new Map<unknown, Positions>()
  readonly #begins: PrefixNode = { next: new Map(), ends: [] }
  #texts: TextIndex | undefined

  add({ kind, value }: GuardKey, position: number): void {
    if (kind === 'contains' || kind === 'contains-any-case') {
      this.#texts ??= new TextIndex()
      this.#texts.add({ text: String(value), anyCase: kind === 'contains-any-case' }, position)
      return
    }
    if (kind === 'begins') {
      nodeOf(this.#begins, String(value)).ends.push(position)
      return
    }
    const positions = kind === 'equals' ? this.#equals : this.#holds
    const known = positions.get(value)
    if (known === undefined) positions.set(value, [position])
    else known.push(position)
  }

  /** Sets the bits of the conditions that this value may meet. */
  mark(value: unknown, bits: Uint32Array): void {
    if (value === undefined) return
    if (Array.isArray(value)) {
      if (this.#holds.size > 0) for (const item of value) markKnown(this.#holds, item, bits)
      return
    }
    if (this.#equals.size > 0) markKnown(this.#equals, value, bits)
    if (this.#holds.size > 0) markKnown(this.#holds, value, bits)
    if (typeof value !== 'string') return
    if (this.#begins.next.size > 0) markBeginnings(this.#begins, value, bits)
    this.#texts?.mark(value, bits)
  }
}

function nodeOf(root: PrefixNode, prefix: string): PrefixNode {
  let node = root
  for (let at = 0; at < prefix.length; at++) {
    const unit = prefix.charCodeAt(at)
    const next = node.next.get(unit) ?? { next: new Map(), ends: [] }
    node.next.set(unit, next)
    node = next
  }
  return node
}

function markBeginnings(root: PrefixNode, text: string, bits: Uint32Array): void {
  let node: PrefixNode | undefined = root
  for (let at = 0; at < text.length; at++) {
    node = node.next.get(text.charCodeAt(at))
    if (node === undefined) return
    setBits(bits, node.ends)
  }
}

function markKnown(known: ReadonlyMap<unknown, Positions>, value: unknown, bits: Uint32Array): void {
  const positions = known.get(value)
  if (positions !== undefined) setBits(bits, positions)
}
