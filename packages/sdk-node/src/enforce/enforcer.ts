import type { HeldPolicy } from '@esper/core'
import type { Evaluation } from '../client.js'
import { subjectOf } from '../decide/clearance.js'
import type { Decider } from '../decide/decider.js'
import { mitigationVersion, type Ruleset } from '../decide/ruleset.js'
import type { BodySource } from '../request/body-source.js'
import type { ReadRequest } from '../request/read-request.js'
import { blockReply } from './block.js'
import { type ChallengeDesk, WAIT_SECONDS } from './challenge-desk.js'
import { challengePage, challengeProblem, stuckPage } from './challenge-page.js'
import { holdBody } from './held-body.js'
import { type ChallengeData, MAX_LEVEL } from './proof-of-work.js'
import { rateLimitHeaders, standingAllowance } from './rate-limit.js'
import { isNavigation, type Reply } from './reply.js'

/** The request that is answered, and where its body is. */
export interface Asked {
  readonly request: ReadRequest
  readonly body: BodySource
}

/** Turns an enforced decision into an answer. */
export class Enforcer {
  readonly #decider: Decider
  readonly #desk: ChallengeDesk

  constructor(decider: Decider, desk: ChallengeDesk) {
    this.#decider = decider
    this.#desk = desk
  }

  /** The answer to a request that must not pass; undefined when it may. May reject: then the request passes. */
  async reply(evaluation: Evaluation, asked: Asked): Promise<Reply | undefined> {
    const { ruled, decision } = evaluation
    const enforce = ruled?.ruling.enforce
    if (ruled === undefined || enforce === undefined || !decision.enforced) return undefined
    if (enforce.outcome === 'block') return this.#block(evaluation, enforce, asked.request)
    return this.#challenge(evaluation, { ...asked, enforce, ruleset: ruled.context.ruleset })
  }

  /** Notes that a clearance let a request through, so that its client is not taken for a stuck one. */
  notePassed(evaluation: Evaluation): void {
    const { ruled, decision, subject } = evaluation
    if (ruled === undefined || decision.cleared.length === 0 || decision.enforced) return
    this.#desk.passed(this.#desk.bindOf(subject, ruled.context.ruleset))
  }

  /** Headers that tell a request that passes what is left of its limits; undefined where it has none. */
  allowance({ ruled }: Evaluation): Readonly<Record<string, string>> | undefined {
    if (ruled === undefined || ruled.ruling.match.contributions.length === 0) return undefined
    const { ruling, context } = ruled
    const { monitor, enforces, ruleset } = context
    const isEnforcing = !monitor && enforces === 'all' && ruleset.bundle.enforcement === 'on'
    const allowance = standingAllowance(ruling, isEnforcing)
    return allowance === undefined ? undefined : rateLimitHeaders(allowance)
  }

  #block(evaluation: Evaluation, enforce: HeldPolicy, request: ReadRequest): Reply {
    const { observedAt, decision, ruled } = evaluation
    const { policy, mitigation } = enforce.policy
    return blockReply({
      facts: request.facts,
      response: mitigation?.response,
      window: policy.window,
      waitMs: ruled === undefined ? undefined : this.#decider.waitMs(enforce, ruled.ruling.match, observedAt),
      reference: decision.reference,
    })
  }

  async #challenge(
    evaluation: Evaluation,
    held: Asked & { readonly enforce: HeldPolicy; readonly ruleset: Ruleset },
  ): Promise<Reply | undefined> {
    const { enforce, ruleset, request, body } = held
    const { observedAt, decision } = evaluation
    const settings = enforce.policy.mitigation?.challenge
    if (enforce.policy.mitigation === undefined || settings === undefined) return undefined
    const bind = this.#desk.bindOf(request, ruleset)
    const { facts } = request
    if (isNavigation(facts) && this.#desk.isStuck(bind, observedAt)) return stuckPage(decision.reference)
    const subject = this.#decider.subjectText(enforce.entity, { ruleset, visitor: request })
    const data: ChallengeData = {
      sub: subjectOf(ruleset.clearanceKeys[0], subject),
      bind,
      mit: mitigationVersion(enforce.policy.mitigation),
      level: levelOf(enforce, settings.level),
    }
    const challenge = await this.#desk.issue(data, ruleset, observedAt)
    if (!isNavigation(facts)) return challengeProblem(challenge, decision.reference)
    const waits = settings.min_level <= 1
    const url = waits ? this.#desk.waitLink(data, facts.url, { ruleset, nowMs: observedAt }) : undefined
    return challengePage({
      challenge,
      url: facts.url,
      held: await holdBody(facts.method, body),
      reference: decision.reference,
      wait: url === undefined ? undefined : { url, seconds: WAIT_SECONDS },
    })
  }
}

/** The mitigation's level, one more each time that the count doubles beyond the threshold. */
function levelOf(enforce: HeldPolicy, base: number): number {
  const threshold = enforce.policy.policy.window?.threshold
  if (threshold === undefined || enforce.n === undefined || enforce.n < threshold) return base
  return Math.min(MAX_LEVEL, base + Math.floor(Math.log2(enforce.n / threshold)))
}
