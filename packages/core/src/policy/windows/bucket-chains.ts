import type { BucketCounts } from './bucket-counts.js'

/** Of a node: sub-bucket, count, next node, and in the first of a chain what `nearest` gives. */
const WORDS = 4
/** Nodes are made 4,096 at a time. */
const CHUNK_BITS = 12
const CHUNK_MASK = (1 << CHUNK_BITS) - 1

/**
 * Older sub-buckets of counters, as chains of nodes from newer to older. A node is known by its number, 0 is the end of
 * a chain. Memory is taken piece by piece, up to a bound.
 */
export class BucketChains {
  readonly #maxNodes: number
  readonly #chunks: Int32Array[] = []
  #made = 1
  #free = 0
  #used = 0

  constructor(maxNodes: number) {
    this.#maxNodes = maxNodes
  }

  /** Whether no node is left. */
  get isFull(): boolean {
    return this.#used >= this.#maxNodes
  }

  /** A chain with one more sub-bucket in front. There must be a node left. */
  push(next: number, bucket: number, count: number): number {
    const node = this.#take()
    this.#set(node, 0, bucket)
    this.#set(node, 1, count)
    this.#set(node, 2, next)
    return node
  }

  /** Adds 1 to a sub-bucket of a chain, which gets a node if it has none. @returns the chain's first node */
  addLate(first: number, bucket: number): number {
    let before = 0
    let node = first
    while (node !== 0 && ((this.#bucket(node) - bucket) | 0) > 0) {
      before = node
      node = this.#next(node)
    }
    if (node !== 0 && this.#bucket(node) === bucket) {
      this.#set(node, 1, this.#count(node) + 1)
      return first
    }
    const added = this.push(node, bucket, 1)
    if (before === 0) return added
    this.#set(before, 2, added)
    return first
  }

  /** Frees what lies before a sub-bucket. @returns the chain's first node, or 0 */
  cutBefore(first: number, bucket: number): number {
    let kept = 0
    let node = first
    while (node !== 0 && ((this.#bucket(node) - bucket) | 0) >= 0) {
      kept = node
      node = this.#next(node)
    }
    this.release(node)
    if (kept === 0) return 0
    this.#set(kept, 2, 0)
    return first
  }

  /** Frees a chain. */
  release(first: number): void {
    let node = first
    while (node !== 0) {
      const next = this.#next(node)
      this.#set(node, 2, this.#free)
      this.#free = node
      this.#used -= 1
      node = next
    }
  }

  /** Appends a chain's sub-buckets to a list. Nodes hold the lower bits of a number; those of `near` tell the rest. */
  read(first: number, near: number, into: BucketCounts): void {
    for (let node = first; node !== 0; node = this.#next(node)) {
      into.append(near - ((near - this.#bucket(node)) | 0), this.#count(node))
    }
  }

  /** What `noteNearest` put down with a chain. */
  nearest(first: number): number {
    return this.#word(first, 3)
  }

  /** Puts down with a chain how many of its events share the best span with one in the sub-bucket in front of it. */
  noteNearest(first: number, count: number): void {
    this.#set(first, 3, count)
  }

  /** Events in a chain. */
  total(first: number): number {
    let sum = 0
    for (let node = first; node !== 0; node = this.#next(node)) sum += this.#count(node)
    return sum
  }

  #take(): number {
    this.#used += 1
    const free = this.#free
    if (free !== 0) {
      this.#free = this.#next(free)
      return free
    }
    const node = this.#made
    this.#made += 1
    if (this.#chunks.length <= node >> CHUNK_BITS) this.#chunks.push(new Int32Array(WORDS << CHUNK_BITS))
    return node
  }

  #bucket(node: number): number {
    return this.#word(node, 0)
  }

  #count(node: number): number {
    return this.#word(node, 1)
  }

  #next(node: number): number {
    return this.#word(node, 2)
  }

  #word(node: number, word: number): number {
    return this.#chunks[node >> CHUNK_BITS]?.[(node & CHUNK_MASK) * WORDS + word] ?? 0
  }

  #set(node: number, word: number, value: number): void {
    const chunk = this.#chunks[node >> CHUNK_BITS]
    if (chunk !== undefined) chunk[(node & CHUNK_MASK) * WORDS + word] = value
  }
}
