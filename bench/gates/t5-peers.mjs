import { matchEvent } from '@esper/core'
import { measureSides, median, medianRatio } from '../support/measure.mjs'
import { PEERS } from '../support/peers.mjs'
import { atLeast, duration } from '../support/row.mjs'
import { assertSame, seen } from '../support/seen.mjs'
import { setSides } from '../support/set-sides.mjs'
import { EVENTS } from '../support/workload.mjs'

const COUNT = 50
const BOUNDS = {
  jsonata: { limit: 300, stretch: 600 },
  'json-rules-engine': { limit: 400, stretch: 800 },
  '@marcbachmann/cel-js': { limit: 20, stretch: 40 },
}

export const GATES = {
  T5: async ({ rounds }) => {
    const { written, set, kernel } = setSides(COUNT)
    const rows = []
    for (const [name, makePeer] of Object.entries(PEERS)) {
      const peer = makePeer(written)
      await assertSame(name, kernel, peer)
      const measured = await measureSides({ kernel: matching(set), peer: peerSide(peer) }, rounds)
      const detail = [`${duration(median(measured.kernel))} to ${duration(median(measured.peer))} an event`]
      const what = `${COUNT} policies, times as fast as ${name}`
      rows.push(atLeast(`T5 ${name}`, medianRatio(measured.peer, measured.kernel), { ...BOUNDS[name], what, detail }))
    }
    return rows
  },
}

function matching(set) {
  return (times) => {
    for (let index = 0; index < times; index++) seen.count += matchEvent(set, EVENTS[index & 63]).matched.length
  }
}

/** A batch of a slow peer is shorter than the list of events: the next one goes on where it ended. */
function peerSide(peer) {
  let at = 0
  return async (times) => {
    for (let index = 0; index < times; index++) {
      at = (at + 1) & 63
      const matched = peer(EVENTS[at])
      seen.count += (matched instanceof Promise ? await matched : matched).length
    }
  }
}
