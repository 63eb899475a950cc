import type { DecidingClient, Evaluation, Standing } from '../client.js'
import type { Decision } from '../decision.js'
import type { Asked, Enforcer } from '../enforce/enforcer.js'
import type { Reply } from '../enforce/reply.js'
import type { Known, RequestEsper } from '../request-esper.js'

/** What an adapter can still do about a request that the application has in hand. */
export interface Surface {
  /** Whether Esper can still answer in place of the application. */
  canAnswer(): boolean
  /** Answers in place of the application, from now on. */
  takeOver(passage: Passage): void
}

/** What decides, answers and records, the same for all requests. */
export interface PassageParts {
  readonly client: DecidingClient
  readonly enforcer: Enforcer
}

/** One request on its way: decided on entry, perhaps again by the application, and recorded once, when its answer is over. */
export class Passage {
  /** What the application's handlers get. */
  readonly esper: RequestEsper
  readonly #parts: PassageParts
  readonly #asked: Asked
  readonly #surface: Surface
  readonly #started: number
  #evaluation: Evaluation
  #isAnswered = false
  #isOver = false

  /** @param started when the request came, by the monotonic clock */
  constructor(parts: PassageParts, asked: Asked, surface: Surface, started: number) {
    this.#parts = parts
    this.#asked = asked
    this.#surface = surface
    this.#started = started
    this.#evaluation = parts.client.evaluate(asked.request, ENTRY)
    parts.enforcer.notePassed(this.#evaluation)
    this.esper = new HandlersEsper(this)
  }

  get decision(): Decision {
    return this.#evaluation.decision
  }

  /** Headers for the application's answer: what is left of the limits that the request counted for. */
  allowance(): Readonly<Record<string, string>> | undefined {
    return this.#parts.enforcer.allowance(this.#evaluation)
  }

  /** Makes the answer to a request that must not pass; undefined when it may. May reject: then it passes. */
  reply(): Promise<Reply | undefined> {
    return this.#parts.enforcer.reply(this.#evaluation, this.#asked)
  }

  /** Notes that Esper's own answer went out: it says nothing about the application. */
  answered(): void {
    this.#isAnswered = true
  }

  /** Notes that no answer could be made, so that nothing was enforced. */
  unanswered(): void {
    const { decision, sdkDecision } = this.#evaluation
    this.#evaluation = {
      ...this.#evaluation,
      decision: { ...decision, enforced: false, failedOpen: true },
      sdkDecision: { ...sdkDecision, enforced: false, failed_open: true },
    }
  }

  /** Records the event, once; `status` is what the application answered with, as far as it did. */
  end(status: number | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    const ms = Math.round((performance.now() - this.#started) * 100) / 100
    this.#parts.client.record(this.#evaluation, status === undefined || this.#isAnswered ? undefined : { status, ms })
  }

  /** Decides again with what the application knows by now, and answers in its place where a policy says so. */
  decideAgain(known: Known): Decision {
    if (this.#isOver || this.#isAnswered || this.decision.enforced) return this.decision
    const surface = this.#surface
    this.#evaluation = this.#parts.client.evaluateAgain(this.#evaluation, known, surface.canAnswer())
    if (this.decision.enforced) surface.takeOver(this)
    return this.decision
  }
}

/** On entry, Esper answers where it must, and the application may say more. */
const ENTRY: Standing = Object.freeze({ enforces: true, expectsMore: true })

/** What handlers get, and nothing of the passage besides. */
class HandlersEsper implements RequestEsper {
  readonly #passage: Passage

  constructor(passage: Passage) {
    this.#passage = passage
  }

  get decision(): Decision {
    return this.#passage.decision
  }

  decide(known: Known): Decision {
    return this.#passage.decideAgain(known)
  }
}
