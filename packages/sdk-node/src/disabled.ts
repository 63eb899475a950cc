import { passed } from './decision.js'
import type { Esper, EsperStatus } from './esper.js'

const STATUS: EsperStatus = {
  mode: 'disabled',
  bundle: { state: 'disabled', revision: 0, notAfter: undefined, refused: 0, lastRefusal: undefined, problems: [] },
  sync: { mode: 'stopped', clockOffsetMs: 0 },
  delivery: { state: 'sending', recorded: 0, accepted: 0, dropped: {}, queued: 0, in_flight: 0, uncertain: 0 },
  mitigations: { blocks: 0, others: 0, blocks_evicted: 0 },
  counts: { failedOpen: 0, exempt: 0, redeemUnverified: 0, errors: 0 },
  address: { source: 'unknown', counts: { socket: 0, forwarded: 0, unknown: 0 } },
}

/** Esper taken out: every request passes, nothing is recorded or connected. */
export function disabledEsper(): Esper {
  return {
    decide: () => passed('', 'disabled', false),
    handle: (_request, _response, next) => next(passed('', 'disabled', false)),
    status: () => STATUS,
    close: () => Promise.resolve(),
  }
}
