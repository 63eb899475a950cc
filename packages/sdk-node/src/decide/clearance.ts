import { LRUCache } from 'lru-cache'
import { mac, randomId } from '../platform/crypto.js'
import { type Claims, mintToken, type NamedKey, readToken } from './token.js'

/** Whose clearances these are. */
export interface ClearanceScope {
  readonly tenantId: string
  readonly countingScope: string
}

/** What a clearance must have been earned for. */
export interface ClearanceNeed extends ClearanceScope {
  /** Entity key of the policy, or what stands for the client where it has no entity. */
  readonly subject: string
  /** Mitigation and version of its settings. */
  readonly mitigation: string
  readonly minLevel: number
  readonly oneTime: boolean
}

/** How it was earned: by work of a level, or by waiting, which counts as the first level. */
export interface ClearanceGrant extends ClearanceScope {
  /** As `subjectOf` gave it. */
  readonly sub: string
  readonly mitigation: string
  readonly kind: 'pow' | 'wait'
  readonly level: number
}

const LIFETIME_SECONDS = { pow: 1_800, wait: 300 } as const
const USES_PER_MINUTE = 300
const MAX_REMEMBERED = 50_000

interface Use {
  readonly jti: string
  readonly oneTime: boolean
  readonly nowMs: number
}

interface Uses {
  readonly minute: number
  count: number
}

/** `sub` of tokens: the subject under the clearance key, so that a token tells nothing about the entity. */
export function subjectOf(key: NamedKey, subject: string): string {
  return mac(key.key, `sub\n${subject}`)
}

/**
 * Mints and checks clearances. Checking is synchronous and needs no network: every SDK of a counting scope has the key.
 * A clearance is good for many requests of its entity within its time, at most 300 a minute, or for one if so set.
 */
export class ClearanceDesk {
  readonly #uses = new LRUCache<string, Uses>({ max: MAX_REMEMBERED })
  readonly #spent = new LRUCache<string, true>({ max: MAX_REMEMBERED })
  readonly #read = new LRUCache<string, Claims>({ max: 5_000 })

  mint(
    grant: ClearanceGrant,
    context: { readonly key: NamedKey; readonly nowMs: number },
  ): { token: string; seconds: number } {
    const seconds = LIFETIME_SECONDS[grant.kind]
    const iat = Math.floor(context.nowMs / 1000)
    const token = mintToken('esper-clr+jwt', context.key, {
      iss: 'esper',
      aud: grant.countingScope,
      tid: grant.tenantId,
      sub: grant.sub,
      mit: grant.mitigation,
      lvl: grant.kind,
      level: grant.level,
      iat,
      exp: iat + seconds,
      jti: randomId(),
    })
    return { token, seconds }
  }

  /** Forgets what was read under keys that may be gone. */
  forget(): void {
    this.#read.clear()
  }

  /** Whether one of the tokens answers the challenge. A match is counted as a use, unless `spends` is false. */
  accepts(
    tokens: readonly string[],
    need: ClearanceNeed,
    context: { readonly keys: readonly NamedKey[]; readonly nowMs: number; readonly spends?: boolean },
  ): boolean {
    for (const token of tokens) {
      const claims = this.#claims(token, context)
      const key = context.keys.find((each) => claims !== undefined && claims.sub === subjectOf(each, need.subject))
      if (claims === undefined || key === undefined || !fits(claims, need)) continue
      const use = { jti: String(claims.jti), oneTime: need.oneTime, nowMs: context.nowMs }
      if (context.spends === false ? this.#isLeft(use) : this.#use(use)) return true
    }
    return false
  }

  #claims(token: string, context: { readonly keys: readonly NamedKey[]; readonly nowMs: number }): Claims | undefined {
    const known = this.#read.get(token)
    const { exp } = known ?? {}
    if (known !== undefined && typeof exp === 'number' && exp * 1000 > context.nowMs) return known
    const claims = readToken(token, { type: 'esper-clr+jwt', ...context })
    if (claims !== undefined) this.#read.set(token, claims)
    return claims
  }

  /** Whether a use would be accepted. */
  #isLeft({ jti, oneTime, nowMs }: Use): boolean {
    if (oneTime) return !this.#spent.has(jti)
    const uses = this.#uses.get(jti)
    return uses === undefined || uses.minute !== minuteOf(nowMs) || uses.count < USES_PER_MINUTE
  }

  #use(use: Use): boolean {
    const isLeft = this.#isLeft(use)
    const { jti, oneTime, nowMs } = use
    if (oneTime) {
      if (isLeft) this.#spent.set(jti, true)
      return isLeft
    }
    const minute = minuteOf(nowMs)
    const uses = this.#uses.get(jti)
    if (uses === undefined || uses.minute !== minute) this.#uses.set(jti, { minute, count: 1 })
    else uses.count += 1
    return isLeft
  }
}

function minuteOf(ms: number): number {
  return Math.floor(ms / 60_000)
}

function fits(claims: Claims, need: ClearanceNeed): boolean {
  const level = claims.level
  return (
    claims.iss === 'esper' &&
    claims.aud === need.countingScope &&
    claims.tid === need.tenantId &&
    claims.mit === need.mitigation &&
    typeof claims.jti === 'string' &&
    typeof level === 'number' &&
    level >= need.minLevel
  )
}
