import type { Fields } from '../policy/fields/fields.js'
import type { Captured } from './bundle.js'
import type { DecisionOrigin, Outcome } from './resources.js'
import type { SdkStatusReport } from './status-report.js'

/** What the SDK decided for an event, as reported with it. */
export interface SdkDecision {
  /** Bundle revision it was decided with. */
  readonly revision: number
  /** The first Challenge or Block that held and was not cleared; absent when the request passed. */
  readonly policy_id?: string
  readonly outcome?: Exclude<Outcome, 'observe'>
  /** Whether the request met it: false in Monitor mode. */
  readonly enforced: boolean
  readonly origin?: DecisionOrigin
  /** Count of the window as the SDK knew it. */
  readonly n?: number
  /** The active mitigation it followed; absent for a provisional one of the SDK's own. */
  readonly active_mitigation_id?: string
  /** The exemption the event matched: nothing was enforced, and what else stands here would have happened. */
  readonly exemption_id?: string
  /** Policies whose challenge a valid clearance answered. */
  readonly cleared?: readonly string[]
  /** Whether the SDK had no bundle it could enforce. */
  readonly failed_open?: boolean
}

/** One line of a batch. `observed_at` is epoch milliseconds, corrected by the server's clock. */
export interface EventLine {
  /** Given by the sender, unique by its own doing: 1 to 64 characters of `A-Za-z0-9_-`. */
  readonly event_id: string
  readonly observed_at: number
  readonly fields: Fields
  readonly decision?: SdkDecision
}

/** Events lost by the sender since it started, by reason. */
export type LossCounts = Readonly<Record<string, number>>

/** First line of a batch. */
export interface BatchHeader {
  readonly format: 1
  /** For example `esper-node/0.1.0`. */
  readonly sdk: string
  /** Bundle revision whose field demand the events were captured under; 0 where there was none. */
  readonly revision: number
  /** What the events were captured with, when that is not the demand of a revision. It goes before `revision`. */
  readonly captured?: Captured
  /** Identity of the sending process, for "live in n of m SDKs". */
  readonly instance_id: string
  readonly loss?: LossCounts
  /** What else the sender counted since it started, for example `failed_open` and `redeem_unverified`. */
  readonly counts?: Readonly<Record<string, number>>
  readonly status?: SdkStatusReport
}

/** Answer to an accepted batch. */
export interface BatchReceipt {
  readonly batch_id: string
  readonly accepted: number
  /** Whether this batch had been stored before; it counts once all the same. */
  readonly duplicate: boolean
}
