import type { Logger, MitigationDelta, SdkStatusReport } from '@esper/core'
import { EventSink } from './deliver/event-sink.js'
import { type EarlierLoss, ExitReport } from './deliver/exit-report.js'
import { redeemWith } from './deliver/redeem.js'
import { CallFailed, Transport } from './deliver/transport.js'
import type { Probe } from './doctor.js'
import type { Redeem } from './enforce/challenge-desk.js'
import type { EsperStatus } from './esper-status.js'
import { failureCode } from './failure-code.js'
import type { ControlPlaneAccess, ResolvedOptions } from './options.js'
import type { ServerClock } from './platform/clock.js'
import type { PurposeKeys } from './platform/crypto.js'
import type { BundleStore } from './sync/bundle-store.js'
import { Sync, type SyncMode } from './sync/sync.js'
import { SDK } from './version.js'

export interface LinkOptions {
  readonly access: ControlPlaneAccess
  readonly keys: PurposeKeys
  readonly options: ResolvedOptions
  readonly clock: ServerClock
  readonly logger: Logger
  readonly store: BundleStore
  readonly instanceId: string
  /** Where the notes of lost events are kept; undefined for nowhere. */
  readonly folder: string | undefined
  readonly counts: () => Readonly<Record<string, number>>
  readonly status: () => SdkStatusReport
  readonly onDeltas: (deltas: readonly MitigationDelta[], full: boolean) => void
}

/** Everything between this process and its control plane: signed calls, the events on their way, and what is followed. */
export class ControlPlaneLink {
  readonly sink: EventSink
  readonly redeem: Redeem
  readonly #transport: Transport
  readonly #sync: Sync
  readonly #exit: ExitReport | undefined
  readonly #logger: Logger
  readonly #origin: string
  #earlier: EarlierLoss = { lost: 0, uncertain: 0 }

  constructor(link: LinkOptions) {
    const { access, keys, options, clock, logger, store, instanceId, folder } = link
    const { keyid, url: origin } = access
    const { timeoutMs, pollMs, compression } = options
    this.#logger = logger
    this.#origin = origin.origin
    this.#transport = new Transport({ origin, keyid, keys, clock, timeoutMs, userAgent: SDK })
    this.sink = new EventSink({
      clock,
      transport: this.#transport,
      logger,
      sdk: SDK,
      instanceId,
      compression,
      queue: { maxEvents: options.maxQueueEvents, maxBytes: options.maxQueueBytes },
      batch: { maxEvents: options.maxBatchEvents, maxAgeMs: options.maxBatchAgeMs },
      counts: link.counts,
      status: link.status,
      earlier: () => this.#earlier,
    })
    this.#sync = new Sync({
      ...{ clock, transport: this.#transport, logger, keys, store, instanceId, pollMs, onDeltas: link.onDeltas },
      onAnswering: () => this.sink.tryNow(),
    })
    this.redeem = redeemWith(this.#transport)
    const loss = () => this.sink.report()
    this.#exit = folder === undefined ? undefined : new ExitReport({ folder, keyid, instanceId, loss })
  }

  get syncMode(): SyncMode {
    return this.#sync.mode
  }

  delivery(): EsperStatus['delivery'] {
    return { ...this.sink.report(), state: this.sink.state, earlier: this.#earlier }
  }

  start(): void {
    this.#earlier = this.#exit?.takeEarlier() ?? this.#earlier
    const { lost, uncertain } = this.#earlier
    if (lost + uncertain > 0) {
      this.#logger.warn('A process before this one ended without close(): its last events are lost.', {
        lost,
        uncertain,
      })
    }
    this.#exit?.watch()
    void this.#sync.run()
  }

  /** Asks the control plane for the bundle, now, to see whether it answers. Never rejects. */
  async probe(): Promise<Probe> {
    const started = performance.now()
    const found = await this.#transport.call({ method: 'GET', path: '/v1/bundle', maxBytes: 9_437_184 }).then(
      ({ status }) => ({ status }),
      (error: unknown) => ({ cause: error instanceof CallFailed ? error.message : failureCode(error) }),
    )
    return { url: this.#origin, ms: Math.round(performance.now() - started), ...found }
  }

  async close(timeoutMs: number): Promise<void> {
    this.#sync.stop()
    // Nothing else of Esper's keeps the process alive until the last batch has its answer.
    const alive = setTimeout(() => undefined, timeoutMs)
    await this.sink.close(timeoutMs)
    clearTimeout(alive)
    this.#exit?.unwatch()
    await this.#transport.destroy()
  }
}
