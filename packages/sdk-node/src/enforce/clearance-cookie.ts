import { CLEARANCE_COOKIE_PLAIN, CLEARANCE_COOKIE_SECURE } from '@esper/core'
import type { Ruleset } from '../decide/ruleset.js'
import { readToken } from '../decide/token.js'
import type { ReadRequest } from '../request/read-request.js'

const MAX_TOKENS = 4

/** `Set-Cookie` with a new clearance first and those for other mitigations and entities behind it. */
export function clearanceCookie(
  minted: { readonly token: string; readonly seconds: number },
  context: { readonly request: ReadRequest; readonly ruleset: Ruleset; readonly nowMs: number },
): string {
  const { request, ruleset, nowMs } = context
  const read = (token: string) => readToken(token, { type: 'esper-clr+jwt', keys: ruleset.clearanceKeys, nowMs })
  const fresh = read(minted.token)
  const others = request.tokens.filter((token) => {
    const claims = read(token)
    return claims !== undefined && (claims.mit !== fresh?.mit || claims.sub !== fresh?.sub)
  })
  const value = [minted.token, ...new Set(others)].slice(0, MAX_TOKENS).join('~')
  const shared = `Path=/; Max-Age=${Math.max(minted.seconds, others.length > 0 ? 1_800 : 0)}; HttpOnly; SameSite=Lax`
  return request.secure
    ? `${CLEARANCE_COOKIE_SECURE}=${value}; ${shared}; Secure`
    : `${CLEARANCE_COOKIE_PLAIN}=${value}; ${shared}`
}
