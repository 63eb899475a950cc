import { startChild } from '../support/child.mjs'
import { Load } from '../support/load.mjs'
import { median } from '../support/measure.mjs'
import { atLeast } from '../support/row.mjs'
import { bundleFile } from '../support/sdk.mjs'

const FRONTS = ['bare', 'decide', 'events', 'limiter', 'flexible']
const LEAST_ROUNDS = 9
const WARM_UP_MS = 1_500
const ROUND_MS = 400

async function startServer(name, args) {
  const server = await startChild('server-process', [name, ...args])
  const load = new Load()
  await load.open(server.port)
  await load.run(WARM_UP_MS)
  /** Requests a second of the server's own CPU time: what it answers with a core of its own. */
  const perSecond = async () => {
    const before = await server.ask('usage')
    const answers = await load.run(ROUND_MS)
    const after = await server.ask('usage')
    return answers / ((after.user - before.user + after.system - before.system) / 1e6)
  }
  const end = () => {
    load.close()
    server.end()
  }
  return { name, perSecond, end }
}

export const GATES = {
  T10: async ({ rounds }) => {
    const sink = await startChild('sink-process')
    const bundle = bundleFile(50)
    const servers = []
    for (const name of FRONTS) servers.push(await startServer(name, [bundle, sink.url]))
    const kept = Object.fromEntries(FRONTS.map((name) => [name, []]))
    const bare = []
    for (let round = 0; round < Math.max(rounds, LEAST_ROUNDS); round++) {
      const order = round % 2 === 0 ? servers : servers.toReversed()
      const found = {}
      for (const { name, perSecond } of order) found[name] = await perSecond()
      bare.push(found.bare)
      for (const name of FRONTS) kept[name].push(found[name] / found.bare)
    }
    for (const { end } of servers) end()
    sink.end()
    const peers = `express-rate-limit ${median(kept.limiter).toFixed(2)}, rate-limiter-flexible ${median(kept.flexible).toFixed(2)}`
    const detail = [`${Math.round(median(bare))} requests a CPU second on bare node:http; ${peers}`]
    const what = 'requests a CPU second kept of bare node:http, deciding'
    return [
      atLeast('T10 decide', median(kept.decide), { limit: 0.8, stretch: 0.92, what, detail }),
      atLeast('T10 events', median(kept.events), { limit: 0.6, stretch: 0.8, what: 'deciding and sending events' }),
    ]
  },
}
