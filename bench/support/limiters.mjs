import { rateLimit } from 'express-rate-limit'
import { RateLimiterMemory } from 'rate-limiter-flexible'

/** Nobody is ever refused: what is measured is the way of a request that passes. */
const NEVER = 1_000_000_000

/** express-rate-limit with its default headers. */
export function expressRateLimit() {
  return rateLimit({ windowMs: 60_000, limit: NEVER })
}

/** rate-limiter-flexible as its README puts it in front of an application. */
export function rateLimiterFlexible() {
  const limiter = new RateLimiterMemory({ points: NEVER, duration: 60 })
  return (request, response, next) =>
    limiter.consume(request.socket.remoteAddress).then(
      () => next(),
      () => {
        response.statusCode = 429
        response.end()
      },
    )
}
