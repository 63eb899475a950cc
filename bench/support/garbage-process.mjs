import { matchEvent } from '@esper/core'
import { decide, decidingClient, record } from './events.mjs'
import { bytesARun } from './garbage.mjs'
import { policySet } from './kernel.mjs'
import { seen } from './seen.mjs'
import { setSides } from './set-sides.mjs'
import { EVENTS } from './workload.mjs'

/** What matching events that match nothing leaves. */
function matching(set) {
  const unmatched = EVENTS.filter((event) => matchEvent(set, event).matched.length === 0)
  return bytesARun((index) => {
    seen.count += matchEvent(set, unmatched[index % unmatched.length]).matched.length
  })
}

const sink = { offer: (line) => (seen.count += Buffer.byteLength(line)) }
const client = decidingClient(sink)

process.send(
  {
    answer: matching(policySet(['false'])),
    policies: matching(setSides(50).set),
    decision: bytesARun((index) => {
      seen.count += decide(client, index).fields.observed_at
    }),
    event: bytesARun((index) => record(client, decide(client, index))),
  },
  () => process.disconnect(),
)
