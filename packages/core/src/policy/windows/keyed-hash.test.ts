import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyedHash } from './keyed-hash.js'

/** HalfSipHash of any number of rounds, written after the paper. Words are unsigned. */
function halfSipHash(bytes: readonly number[], [k0, k1]: readonly [number, number], rounds: readonly [number, number]) {
  const rotated = (word: number, by: number) => ((word << by) | (word >>> (32 - by))) >>> 0
  let [v0, v1, v2, v3] = [k0 >>> 0, (k1 ^ 0xee) >>> 0, (0x6c796765 ^ k0) >>> 0, (0x74656462 ^ k1) >>> 0]
  const round = () => {
    v0 = (v0 + v1) >>> 0
    v1 = (rotated(v1, 5) ^ v0) >>> 0
    v0 = rotated(v0, 16)
    v2 = (v2 + v3) >>> 0
    v3 = (rotated(v3, 8) ^ v2) >>> 0
    v0 = (v0 + v3) >>> 0
    v3 = (rotated(v3, 7) ^ v0) >>> 0
    v2 = (v2 + v1) >>> 0
    v1 = (rotated(v1, 13) ^ v2) >>> 0
    v2 = rotated(v2, 16)
  }
  const repeat = (times: number) => {
    for (let time = 0; time < times; time++) round()
  }
  const padded = [...bytes, ...Array.from({ length: 3 - (bytes.length % 4) }, () => 0), bytes.length & 0xff]
  for (let at = 0; at < padded.length; at += 4) {
    const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = padded.slice(at, at + 4)
    const word = (b0 | (b1 << 8) | (b2 << 16) | (b3 << 24)) >>> 0
    v3 = (v3 ^ word) >>> 0
    repeat(rounds[0])
    v0 = (v0 ^ word) >>> 0
  }
  v2 = (v2 ^ 0xee) >>> 0
  repeat(rounds[1])
  const low = (v1 ^ v3) >>> 0
  v1 = (v1 ^ 0xdd) >>> 0
  repeat(rounds[1])
  return [low, (v1 ^ v3) >>> 0]
}

const bytesOf = (text: string) =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)).flatMap((unit) => [unit & 0xff, unit >>> 8])

/** A 64-bit result as the published vectors print it. */
function printed(words: readonly number[]): string {
  return words
    .flatMap((word) => [word, word >>> 8, word >>> 16, word >>> 24])
    .map((byte) => (byte & 0xff).toString(16).padStart(2, '0'))
    .join('')
}

const someUnits = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })

describe('the hash of a counter', () => {
  it('is written after a reference that gives the published vectors of HalfSipHash-2-4', () => {
    const key = [0x03020100, 0x07060504] as const
    const lengths = [0, 1, 2, 3, 4, 5, 6, 7]
    const results = lengths.map((length) =>
      halfSipHash(
        Array.from({ length }, (_, at) => at),
        key,
        [2, 4],
      ),
    )
    expect(results.map(printed)).toEqual([
      '218d1f59b9b83cc8',
      'be552412f8387315',
      '064f39ef7c50eb57',
      'ce0f1a45f7060679',
      'd5e78a175be52ea1',
      'cb9d7c3f2f3db580',
      'ce3e91358aa2bc25',
      'ff202728b07bc684',
    ])
  })

  it('is HalfSipHash-1-3 of the text', () => {
    fc.assert(
      fc.property(someUnits, fc.integer(), fc.integer(), (units, k0, k1) => {
        const text = String.fromCharCode(...units)
        const hash = new KeyedHash([k0, k1])
        hash.finish(text)
        const [low, high] = halfSipHash(bytesOf(text), [k0, k1], [1, 3])
        expect([hash.low >>> 0, hash.high >>> 0]).toEqual([low, high])
      }),
    )
  })

  it('differs by seed and by state', () => {
    const results = new Set<string>()
    for (const seed of [[1, 2] as const, [2, 1] as const]) {
      const hash = new KeyedHash(seed)
      const states = ['w', 'w\n', ''].map((text) => hash.begin(text))
      for (const state of [undefined, ...states]) {
        hash.finish('text', state)
        results.add(`${hash.low} ${hash.high}`)
      }
    }
    expect(results.size).toBe(8)
  })
})
