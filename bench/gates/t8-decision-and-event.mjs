import { createEsper } from '@esper/sdk'
import { esperExpress } from '@esper/sdk/express'
import { startChild } from '../support/child.mjs'
import { expressRateLimit, rateLimiterFlexible } from '../support/limiters.mjs'
import { measureSides, median, medianRatio } from '../support/measure.mjs'
import { through } from '../support/requests.mjs'
import { atMost, duration } from '../support/row.mjs'
import { bundleFile, settled } from '../support/sdk.mjs'

const ACCESS = { keyId: 'key_bench.1', secret: 's'.repeat(43), snapshotDir: 'off' }
/** Nothing is dropped, and the last batch of a round does not wait long. */
const QUICK = { maxQueueEvents: 1_000_000, maxBatchAgeMs: 10 }
const WARM_UP = 20_000
const QUIET = { debug() {}, info() {}, warn() {}, error() {} }

export const GATES = {
  T8: async ({ rounds }) => {
    const sink = await startChild('sink-process')
    const bundle = bundleFile(50)
    const esper = createEsper({ ...ACCESS, url: sink.url, bundle, ...QUICK, logger: QUIET })
    const pass = through(esperExpress(esper))
    const ours = async (times) => {
      await pass(times)
      await settled(esper)
    }
    await ours(WARM_UP)
    const sides = { esper: ours, limiter: through(expressRateLimit()), flexible: through(rateLimiterFlexible()) }
    const measured = await measureSides(sides, rounds)
    const { recorded, accepted } = esper.status().delivery
    await esper.close()
    sink.end()
    if (accepted !== recorded) throw new Error(`Of ${recorded} events only ${accepted} were accepted.`)
    const times = `${duration(median(measured.esper))} to ${duration(median(measured.limiter))} a request`
    const flexible = medianRatio(measured.flexible, measured.limiter).toFixed(2)
    const detail = [`${times}; rate-limiter-flexible: ${flexible}`, `${accepted} events delivered, sending included`]
    const what = 'decision and event, batched, signed and sent ÷ express-rate-limit'
    return [atMost('T8', medianRatio(measured.esper, measured.limiter), { limit: 2, stretch: 1.2, what, detail })]
  },
}
