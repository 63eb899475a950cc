import { matchEvent } from '@esper/core'
import { policySet } from './kernel.mjs'
import { policies } from './workload.mjs'

/** The workload's policies, and two functions of an event that give the positions of those that match. */
export function setSides(count) {
  const written = policies(count)
  const set = policySet(written.map(({ source }) => source))
  const kernel = (event) => matchEvent(set, event).matched.map(({ policy }) => policy.policy.priority)
  const byHand = (event) => {
    const matched = []
    for (let index = 0; index < written.length; index++) if (written[index].byHand(event)) matched.push(index)
    return matched
  }
  return { written, set, kernel, byHand }
}
