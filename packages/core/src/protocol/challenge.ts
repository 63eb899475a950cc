/**
 * Body of `POST /v1/challenges/redeem`: spends a solved challenge once for all sources of a counting scope. The nonce is
 * the signed challenge's own, never anything of the submitted solution, which a client can vary.
 */
export interface RedeemRequest {
  /** 8 to 128 characters of `A-Za-z0-9_-`. */
  readonly nonce: string
  /** Epoch milliseconds; kept at least until then. */
  readonly expires_at: number
}

/** 200 when this call spent it; 409 `challenge_spent` when another had. */
export interface RedeemResponse {
  readonly redeemed: true
}
