import { passed } from './decision.js'
import { diagnose } from './doctor.js'
import type { Esper } from './esper.js'
import { type EsperStatus, NO_DELIVERY } from './esper-status.js'
import { undecidedEsper } from './request-esper.js'

const STATUS: EsperStatus = {
  mode: 'disabled',
  bundle: {
    state: 'disabled',
    origin: 'none',
    enforces: 'nothing',
    enforcement: undefined,
    revision: 0,
    notAfter: undefined,
    refused: 0,
    lastRefusal: undefined,
    problems: [],
  },
  sync: { mode: 'stopped', clockOffsetMs: 0 },
  delivery: NO_DELIVERY,
  mitigations: { blocks: 0, others: 0, blocks_evicted: 0 },
  counts: { failedOpen: 0, exempt: 0, redeemUnverified: 0, errors: 0 },
  address: { source: 'unknown', counts: { socket: 0, forwarded: 0, unknown: 0 }, parts: [] },
}

const pass = () => passed('', 'disabled', false)

/** Esper taken out: every request passes, nothing is recorded or connected. */
export function disabledEsper(): Esper {
  return {
    decide: pass,
    track: pass,
    handle: (_request, _response, next) => next(undecidedEsper(pass())),
    respond: async (_request, next) => next(undecidedEsper(pass())),
    warn: () => undefined,
    status: () => STATUS,
    doctor: () => Promise.resolve(diagnose(STATUS)),
    close: () => Promise.resolve(),
  }
}
