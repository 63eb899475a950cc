import type { RedeemRequest } from '@esper/core'
import type { Redeem } from '../enforce/challenge-desk.js'
import type { Transport } from './transport.js'

/** A visitor waits for this answer, so it gets half a second. */
const REDEEM_TIMEOUT_MS = 500

/** Spends a challenge at the control plane; whatever else it answers than yes or no is `unknown`. */
export function redeemWith(transport: Transport): Redeem {
  return async (nonce, expiresAt) => {
    const body: RedeemRequest = { nonce, expires_at: expiresAt }
    try {
      const { status } = await transport.call({
        method: 'POST',
        path: '/v1/challenges/redeem',
        body: JSON.stringify(body),
        timeoutMs: REDEEM_TIMEOUT_MS,
      })
      if (status === 200) return 'spent'
      return status === 409 ? 'already_spent' : 'unknown'
    } catch {
      return 'unknown'
    }
  }
}
