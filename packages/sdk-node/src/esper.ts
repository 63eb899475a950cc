import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LossReport, PolicySetProblem, SenderState } from '@esper/core'
import type { Continue } from './adapters/node-http.js'
import type { MitigationCounts } from './decide/mitigation-cache.js'
import type { Decision } from './decision.js'
import type { Mode } from './options.js'
import type { AddressWatch } from './request/client-address.js'
import type { RequestExtras } from './request/read-request.js'
import type { BundleState } from './sync/bundle-store.js'
import type { SyncMode } from './sync/sync.js'

/** How a client is doing: safe to log, holds no secret and no visitor. Times are epoch milliseconds. */
export interface EsperStatus {
  readonly mode: Mode | 'disabled'
  readonly bundle: {
    readonly state: BundleState | 'disabled'
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
  readonly delivery: LossReport & { readonly state: SenderState }
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

/** Esper in this process. Made by `createEsper`. */
export interface Esper {
  /**
   * Decides a request and records it at once, enforcing nothing: for servers without an adapter. Never throws and never
   * waits for the network.
   */
  decide(request: IncomingMessage, extras?: RequestExtras): Decision
  /**
   * Stands in front of a node:http application: answers the request itself where a policy says so, else calls `next`
   * with the decision. The event is recorded when the response is over. Never throws.
   * @example
   * createServer((request, response) => esper.handle(request, response, () => app(request, response)))
   */
  handle(request: IncomingMessage, response: ServerResponse, next: Continue, extras?: RequestExtras): void
  /** How this client is doing. */
  status(): EsperStatus
  /** Sends what is queued within `timeoutMs` (default 5,000), then stops for good; requests pass undecided from then on. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>
}
