import type { RedeemResponse } from '@esper/core'
import { z } from 'zod'
import { parseJson } from '../../http/json-body.js'
import { DomainError } from '../../http/problem.js'
import { validate } from '../../http/validation.js'
import type { OnceStore } from './once-store.js'
import type { VerifiedRequest } from './verify-request.js'

const redeemSchema = z.strictObject({
  nonce: z.string().regex(/^[A-Za-z0-9_-]{8,128}$/, 'must be 8 to 128 characters of A-Za-z0-9_-'),
  expires_at: z.int().min(0),
})

/** Kept a little longer than the challenge, for clocks that differ. */
const KEEP_AFTER_MS = 600_000
/** No challenge lives longer than this. */
const LONGEST_MS = 86_400_000

export interface RedeemOptions {
  readonly spent: Pick<OnceStore, 'take'>
  readonly now: () => number
}

/** Spends a solved challenge once for all sources of a counting scope, however many ask at the same moment. */
export async function redeem({ spent, now }: RedeemOptions, { key, body }: VerifiedRequest): Promise<RedeemResponse> {
  const { nonce, expires_at: expiresAt } = validate(redeemSchema, parseJson(body))
  if (expiresAt > now() + LONGEST_MS) {
    throw new DomainError('validation_failed', 'Not valid: expires_at.', {
      errors: [{ path: 'expires_at', code: 'too_big', message: 'must be within a day from now' }],
    })
  }
  const name = `${key.tenant_id}:${key.counting_scope}:${nonce}`
  const isFirst = await spent.take(name, Math.max(expiresAt, now()) + KEEP_AFTER_MS)
  if (!isFirst) throw new DomainError('challenge_spent', 'This solved challenge was used before.')
  return { redeemed: true }
}
