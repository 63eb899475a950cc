import { EVENTS } from './workload.mjs'

/** Answers end here, so that no compiler leaves out the work behind them. */
export const seen = { count: 0 }

/** Throws unless both sides, functions of an event, give the same for all events, at once or as promises. */
export async function assertSame(what, one, other) {
  for (const event of EVENTS) {
    const [ours, theirs] = [JSON.stringify(await one(event)), JSON.stringify(await other(event))]
    if (ours !== theirs) throw new Error(`${what}: ${ours} is not ${theirs}, on ${JSON.stringify(event)}`)
  }
}
