/** The four words of a hash that is not finished. */
export interface HashState {
  readonly v0: number
  readonly v1: number
  readonly v2: number
  readonly v3: number
}

/** 64 random bits that nobody outside the process knows. */
export type HashSeed = readonly [low: number, high: number]

/**
 * HalfSipHash-1-3 with a result of 64 bits, over the UTF-16 units of a text as little-endian bytes (Aumasson and
 * Bernstein, "SipHash: a fast short-input PRF"; the variant that hash tables use). Keys of counters are chosen by whoever
 * sends requests: without the seed nobody finds texts whose hashes meet.
 */
export class KeyedHash {
  /** The result of the last `finish`, as signed 32-bit words. */
  low = 0
  high = 0
  readonly #start: HashState

  constructor([k0, k1]: HashSeed) {
    this.#start = { v0: k0 | 0, v1: (k1 ^ 0xee) | 0, v2: (0x6c796765 ^ k0) | 0, v3: (0x74656462 ^ k1) | 0 }
  }

  /** A state to go on from, for texts that belong together: what two states make of one text is unrelated. */
  begin(text: string): HashState {
    this.finish(text)
    const { low, high } = this
    this.finish(`${text}\n`)
    return { v0: low, v1: high, v2: this.low, v3: this.high }
  }

  /** Hashes a text into `low` and `high`, from a state or from the beginning. */
  finish(text: string, state: HashState = this.#start): void {
    let { v0, v1, v2, v3 } = state
    const pairs = text.length & ~1
    const last = (text.length << 25) | (pairs < text.length ? text.charCodeAt(pairs) : 0)
    // After the last word come three rounds for each half of the result.
    for (let at = 0; at < pairs + 14; at += 2) {
      let word = 0
      if (at < pairs) word = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16)
      else if (at === pairs) word = last
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
      if (at === pairs) v2 ^= 0xee
      else if (at === pairs + 6) {
        this.low = v1 ^ v3
        v1 ^= 0xdd
      }
    }
    this.high = v1 ^ v3
  }
}
