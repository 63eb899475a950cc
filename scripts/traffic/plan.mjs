import { crawlers, scraper, stuffing } from './machines.mjs'
import { createRandom } from './random.mjs'
import { visitors } from './visitors.mjs'

/** How much of all requests each actor sends, in percent. */
const SHARES = [
  ['visitors', 50, visitors],
  ['crawlers', 15, crawlers],
  ['scraper', 17, scraper],
  ['stuffing', 18, stuffing],
]
export const ACTORS = SHARES.map(([name]) => name)

/** Endless, and decided by the seed alone: who sends which request after which. */
export function* plan(seed) {
  const random = createRandom(seed)
  const wheel = SHARES.flatMap(([actor, share, start]) => {
    const requests = start(random.fork())
    return Array.from({ length: share }, () => ({ actor, requests }))
  })
  while (true) {
    const { actor, requests } = random.pick(wheel)
    yield { actor, ...requests.next().value }
  }
}
