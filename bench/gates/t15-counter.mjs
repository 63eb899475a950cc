import { WindowCounter } from '@esper/core'
import { MemoryStore } from 'express-rate-limit'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { measureSides, median, medianRatio } from '../support/measure.mjs'
import { atMost, duration } from '../support/row.mjs'
import { seen } from '../support/seen.mjs'

const KEYS = 1_000_000
const WINDOW_SECONDS = 3_600
/** Every key is touched in one sub-bucket, as a burst of visitors touches them. */
const AT = Date.now()

/** An address made anew, as each request brings its own: nobody has hashed it before. */
const address = (key) => `10.${key >> 16}.${(key >> 8) & 255}.${key & 255}`

function contribution(key) {
  const text = `[["client_ip","${address(key)}"]]`
  return { windowId: 'login', entity: { definitionId: 'ip', pairs: [], text }, seconds: WINDOW_SECONDS }
}

/** A key out of all, each as likely as any other. */
const uniform = () => Math.floor(Math.random() * KEYS)
/** A key out of all, the k-th with a chance of about 1/k. */
const zipf = () => Math.floor((KEYS + 1) ** Math.random()) - 1

async function bytesOf(make) {
  globalThis.gc()
  const before = usedBytes()
  const made = await make()
  globalThis.gc()
  return { made, bytes: (usedBytes() - before) / KEYS }
}

function usedBytes() {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function makeCounter() {
  const counter = new WindowCounter({ seed: [Math.random() * 2 ** 32, Math.random() * 2 ** 32], maxEntities: KEYS })
  for (let key = 0; key < KEYS; key++) counter.hit(contribution(key), AT)
  if (counter.size !== KEYS || counter.dropped > 0) throw new Error(`${counter.size} keys are held.`)
  return counter
}

async function makeStore() {
  const store = new MemoryStore()
  store.init({ windowMs: WINDOW_SECONDS * 1_000 })
  for (let key = 0; key < KEYS; key++) await store.increment(address(key))
  return store
}

async function makeLimiter() {
  const limiter = new RateLimiterMemory({ points: 1e9, duration: WINDOW_SECONDS })
  for (let key = 0; key < KEYS; key++) await limiter.consume(address(key))
  return limiter
}

export const GATES = {
  T15: async ({ rounds }) => {
    const ours = await bytesOf(makeCounter)
    const theirs = await bytesOf(makeStore)
    const others = await bytesOf(makeLimiter)
    const counted = (key) => (times) => {
      for (let index = 0; index < times; index++) seen.count += ours.made.hit(contribution(key()), AT)
    }
    const stored = (key) => async (times) => {
      for (let index = 0; index < times; index++) seen.count += (await theirs.made.increment(address(key()))).totalHits
    }
    const consumed = async (times) => {
      for (let index = 0; index < times; index++)
        seen.count += (await others.made.consume(address(uniform()))).msBeforeNext
    }
    // Events of an hour: a key that comes often has up to sixty sub-buckets behind it.
    let now = AT
    const sliding = (times) => {
      for (let index = 0; index < times; index++) {
        now += 3
        seen.count += ours.made.hit(contribution(zipf()), now)
      }
    }
    const figures = await measureSides(
      { ours: counted(uniform), theirs: stored(uniform), oursZipf: counted(zipf), theirsZipf: stored(zipf), consumed },
      rounds,
    )
    const slid = await measureSides({ sliding, theirsZipf: stored(zipf) }, rounds)
    theirs.made.shutdown()
    const ratio = (one, other) => medianRatio(one, other).toFixed(2)
    const detail = [
      `${duration(median(figures.ours))} to ${duration(median(figures.theirs))} a hit; rate-limiter-flexible ${duration(median(figures.consumed))}`,
      `keys by Zipf: ${duration(median(figures.oursZipf))}, ${ratio(figures.oursZipf, figures.theirsZipf)} of it`,
      `keys by Zipf over an hour of sub-buckets: ${duration(median(slid.sliding))}, ${ratio(slid.sliding, slid.theirsZipf)} of it`,
    ]
    const bytes = [`express-rate-limit ${theirs.bytes.toFixed(0)}, rate-limiter-flexible ${others.bytes.toFixed(0)}`]
    return [
      atMost('T15 hit', medianRatio(figures.ours, figures.theirs), {
        ...{ limit: 0.35, stretch: 0.2, detail },
        what: "a hit at a million keys ÷ express-rate-limit's MemoryStore",
      }),
      atMost('T15 bytes', ours.bytes, {
        limit: 64,
        stretch: 40,
        detail: bytes,
        what: 'bytes a key, at a million keys',
      }),
    ]
  },
}
