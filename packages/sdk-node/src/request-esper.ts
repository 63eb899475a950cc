import type { ApplicationFields } from '@esper/core'
import type { Decision } from './decision.js'

/** What the application says of an event that its request does not: who it is, and labels of its own. */
export type Known = ApplicationFields

/** What handlers get of Esper with a request. */
export interface RequestEsper {
  /** What was decided last. */
  readonly decision: Decision
  /**
   * Decides again with what the application knows by now, and answers the request itself where a policy says so: then
   * `enforced` is true, and the handler has nothing more to do. Policies that read `user_id` or `labels` wait for it. It
   * stays one event, counted once; may be called several times, each time with more. Never throws and never waits for the
   * network; once the answer is over it changes nothing.
   * @example
   * if (request.esper.decide({ user_id: user.id }).enforced) return
   */
  decide(known: Known): Decision
}

/** For requests that are not decided: those of a client that is disabled or closed, and those that cannot be read. */
export function undecidedEsper(decision: Decision): RequestEsper {
  return { decision, decide: () => decision }
}
