import type { Enforcement, LossReport, PolicySetProblem, SenderState } from '@esper/core'
import type { MitigationCounts } from './decide/mitigation-cache.js'
import type { EarlierLoss } from './deliver/exit-report.js'
import type { Mode } from './options.js'
import type { AddressWatch } from './request/client-address.js'
import type { BundleOrigin, BundleState, Enforces } from './sync/bundle-store.js'
import type { SyncMode } from './sync/sync.js'

/** How a client is doing: safe to log, holds no secret and no visitor. Times are epoch milliseconds. */
export interface EsperStatus {
  readonly mode: Mode | 'disabled'
  readonly bundle: {
    readonly state: BundleState | 'disabled'
    /** Where the bundle in force came from. */
    readonly origin: BundleOrigin
    /** What of it is enforced now; a mode of Monitor apart. */
    readonly enforces: Enforces
    /** The tenant's own switch; undefined without a bundle. */
    readonly enforcement: Enforcement | undefined
    readonly revision: number
    readonly notAfter: number | undefined
    /** Bundles refused since the start, and why the last one was. */
    readonly refused: number
    readonly lastRefusal: string | undefined
    /** Policies, actions, entity definitions and exemptions of the bundle that this version cannot use. */
    readonly problems: readonly PolicySetProblem[]
  }
  readonly sync: { readonly mode: SyncMode; readonly clockOffsetMs: number }
  /** `recorded = accepted + dropped + queued + in_flight + uncertain` at every instant. */
  readonly delivery: LossReport & {
    /** `off` without a control plane: nothing is recorded. */
    readonly state: SenderState | 'off'
    /** What processes before this one lost by ending without `close()`. */
    readonly earlier: EarlierLoss
  }
  readonly mitigations: MitigationCounts
  readonly counts: {
    /** Requests that passed because there was nothing to decide with. */
    readonly failedOpen: number
    /** Requests that an exemption matched. */
    readonly exempt: number
    /** Clearances given without the control plane's word. */
    readonly redeemUnverified: number
    /** Failures inside Esper; each kind is logged once. */
    readonly errors: number
  }
  /** Where client addresses come from, with a warning when that looks wrong. */
  readonly address: ReturnType<AddressWatch['report']>
}

/** Where delivery stands when there is nobody to deliver to. */
export const NO_DELIVERY: EsperStatus['delivery'] = {
  state: 'off',
  earlier: { lost: 0, uncertain: 0 },
  recorded: 0,
  accepted: 0,
  dropped: {},
  queued: 0,
  in_flight: 0,
  uncertain: 0,
}
