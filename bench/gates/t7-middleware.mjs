import { createEsper } from '@esper/sdk'
import { esperExpress } from '@esper/sdk/express'
import { expressRateLimit, rateLimiterFlexible } from '../support/limiters.mjs'
import { measureSides, median, medianRatio } from '../support/measure.mjs'
import { through } from '../support/requests.mjs'
import { atMost, duration } from '../support/row.mjs'
import { bundleFile } from '../support/sdk.mjs'

const SETS = [
  { count: 10, limit: 0.5, stretch: 0.25 },
  { count: 50, limit: 1, stretch: 0.5 },
  { count: 200, limit: 1.5, stretch: 0.75 },
]

export const GATES = {
  T7: async ({ rounds }) => {
    const clients = SETS.map(({ count }) => createEsper({ bundle: bundleFile(count) }))
    const ours = clients.map((esper, index) => [`esper${SETS[index].count}`, through(esperExpress(esper))])
    const peers = { limiter: through(expressRateLimit()), flexible: through(rateLimiterFlexible()) }
    const measured = await measureSides({ ...Object.fromEntries(ours), ...peers }, rounds)
    await Promise.all(clients.map((esper) => esper.close()))
    const flexible = medianRatio(measured.flexible, measured.limiter).toFixed(2)
    return SETS.map(({ count, limit, stretch }) => {
      const own = measured[`esper${count}`]
      const times = `${duration(median(own))} to ${duration(median(measured.limiter))}`
      const detail = [`${times} a request; rate-limiter-flexible: ${flexible}`]
      const what = `the decision middleware, ${count} policies ÷ express-rate-limit`
      return atMost(`T7 ${count}`, medianRatio(own, measured.limiter), { limit, stretch, what, detail })
    })
  },
}
