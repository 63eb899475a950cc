import type { Challenge } from 'altcha-lib'
import type { ClearanceDesk } from '../decide/clearance.js'
import { type Client, clientText } from '../decide/client-text.js'
import type { Ruleset } from '../decide/ruleset.js'
import { mintToken, readToken } from '../decide/token.js'
import { mac, randomId } from '../platform/crypto.js'
import { PATHS } from './assets.js'
import { Attempts } from './attempts.js'
import { CHALLENGE_SECONDS, type ChallengeData, checkProofOfWork, issueProofOfWork } from './proof-of-work.js'
import { SpentSet } from './spent-set.js'

/** Asks the control plane to spend a nonce once for all instances; `unknown` when it does not say in time. */
export type Redeem = (nonce: string, expiresAt: number) => Promise<'spent' | 'already_spent' | 'unknown'>

export type SolveOutcome =
  | { readonly ok: true; readonly token: string; readonly seconds: number; readonly returnTo?: string }
  | {
      readonly ok: false
      readonly status: 400 | 403 | 409 | 410 | 422 | 429
      readonly code: string
      readonly retrySeconds?: number
    }

/** How long the page without JavaScript waits. */
export const WAIT_SECONDS = 5
/** Solves in `STUCK_SPAN_MS` without getting through after which a client is told so. */
const STUCK_SOLVES = 3
const STUCK_SPAN_MS = 300_000
const FAILURES_PER_MINUTE = 20

const refuse = (status: 400 | 403 | 409 | 410 | 422, code: string): SolveOutcome => ({ ok: false, status, code })

export interface ChallengeDeskOptions {
  readonly clearances: ClearanceDesk
  readonly redeem: Redeem
  /** Counts a clearance given on this process's word alone. */
  readonly onUnverified: () => void
}

/** Issues challenges and takes solutions: bound to one client, spent once, at most so many tries a minute. */
export class ChallengeDesk {
  readonly #options: ChallengeDeskOptions
  readonly #spent = new SpentSet()
  readonly #failures = new Attempts({ limit: FAILURES_PER_MINUTE, spanMs: 60_000 })
  readonly #solves = new Attempts({ limit: STUCK_SOLVES, spanMs: STUCK_SPAN_MS })

  constructor(options: ChallengeDeskOptions) {
    this.#options = options
  }

  /** What a solution is bound to: the client's address, IPv6 by its /64, and its User-Agent. */
  bindOf(client: Client, ruleset: Ruleset): string {
    return mac(ruleset.challengeKeys[0].key, `bind\n${clientText(client)}`)
  }

  /** Whether this client keeps solving without getting through. */
  isStuck(bind: string, nowMs: number): boolean {
    return this.#solves.waitMs(bind, nowMs) > 0
  }

  /** Notes that a clearance let the client through. */
  passed(bind: string): void {
    this.#solves.clear(bind)
  }

  issue(data: ChallengeData, ruleset: Ruleset, nowMs: number): Promise<Challenge> {
    return issueProofOfWork(data, ruleset.challengeKeys[0], nowMs)
  }

  /** A link that earns the first level by waiting. */
  waitLink(
    data: ChallengeData,
    returnTo: string,
    context: { readonly ruleset: Ruleset; readonly nowMs: number },
  ): string {
    const now = Math.floor(context.nowMs / 1000)
    const { sub, bind, mit } = data
    const claims = {
      sub,
      bind,
      mit,
      ret: returnTo,
      jti: randomId(),
      nbf: now + WAIT_SECONDS,
      exp: now + CHALLENGE_SECONDS,
    }
    return `${PATHS.wait}?token=${mintToken('esper-wait+jwt', context.ruleset.clearanceKeys[0], claims)}`
  }

  /** Takes a solution handed in by a client. Never rejects. */
  async solve(
    payload: unknown,
    client: Client,
    context: { readonly ruleset: Ruleset; readonly nowMs: number },
  ): Promise<SolveOutcome> {
    const { ruleset, nowMs } = context
    const bind = this.bindOf(client, ruleset)
    const waitMs = this.#failures.waitMs(bind, nowMs)
    if (waitMs > 0) return { ok: false, status: 429, code: 'too-many-tries', retrySeconds: Math.ceil(waitMs / 1000) }
    const proof = await checkProofOfWork(payload, ruleset.challengeKeys, nowMs)
    if (!proof.ok) {
      this.#failures.add(bind, nowMs)
      if (proof.reason === 'malformed') return refuse(400, 'malformed')
      return proof.reason === 'expired' ? refuse(410, 'challenge-expired') : refuse(422, 'wrong-solution')
    }
    if (!this.#isBoundTo(proof.data.bind, client, ruleset)) {
      this.#failures.add(bind, nowMs)
      return refuse(403, 'other-client')
    }
    const fresh = await this.#spend(proof.nonce, proof.expiresAt, nowMs)
    if (!fresh) return refuse(409, 'challenge-spent')
    return this.#grant({ kind: 'pow', level: proof.data.level }, proof.data, { ...context, bind })
  }

  /** Takes a wait token. Never rejects. */
  async wait(
    token: string,
    client: Client,
    context: { readonly ruleset: Ruleset; readonly nowMs: number },
  ): Promise<SolveOutcome> {
    const { ruleset, nowMs } = context
    const claims = readToken(token, { type: 'esper-wait+jwt', keys: ruleset.clearanceKeys, nowMs })
    const { sub, bind, mit, ret, jti, exp } = claims ?? {}
    const complete = [sub, bind, mit, ret, jti].every((each) => typeof each === 'string')
    if (!complete || typeof exp !== 'number') return refuse(403, 'wait-not-over')
    if (!this.#isBoundTo(String(bind), client, ruleset)) return refuse(403, 'other-client')
    const fresh = await this.#spend(String(jti), exp * 1000, nowMs)
    if (!fresh) return refuse(409, 'challenge-spent')
    const data = { sub: String(sub), bind: String(bind), mit: String(mit), level: 1 }
    const granted = this.#grant({ kind: 'wait', level: 1 }, data, { ...context, bind: data.bind })
    return granted.ok ? { ...granted, returnTo: safePath(String(ret)) } : granted
  }

  #isBoundTo(bind: string, client: Client, ruleset: Ruleset): boolean {
    return ruleset.challengeKeys.some((key) => bind === mac(key.key, `bind\n${clientText(client)}`))
  }

  async #spend(nonce: string, expiresAt: number, nowMs: number): Promise<boolean> {
    if (!this.#spent.spend(nonce, expiresAt, nowMs)) return false
    const answer = await this.#options.redeem(nonce, expiresAt)
    if (answer === 'unknown') this.#options.onUnverified()
    return answer !== 'already_spent'
  }

  #grant(
    grant: { readonly kind: 'pow' | 'wait'; readonly level: number },
    data: ChallengeData,
    context: { readonly ruleset: Ruleset; readonly nowMs: number; readonly bind: string },
  ): SolveOutcome {
    const { bundle, clearanceKeys } = context.ruleset
    this.#solves.add(context.bind, context.nowMs)
    const minted = this.#options.clearances.mint(
      {
        ...grant,
        tenantId: bundle.tenant_id,
        countingScope: bundle.counting_scope,
        sub: data.sub,
        mitigation: data.mit,
      },
      { key: clearanceKeys[0], nowMs: context.nowMs },
    )
    return { ok: true, ...minted }
  }
}

/** A path of this origin, whatever was asked: no other host, no scheme. */
export function safePath(path: string): string {
  return /^\/(?![/\\])[^\s\\]*$/.test(path) ? path : '/'
}
