import { type Bundle, type Logger, NoticeBoard } from '@esper/core'
import { prepareRuleset, type Ruleset } from '../decide/ruleset.js'
import { failureCode } from '../deliver/transport.js'
import type { ServerClock } from '../platform/clock.js'
import type { PurposeKeys } from '../platform/crypto.js'
import { checkBundle, type ReceivedBundle } from './bundle-check.js'
import type { SnapshotFile } from './snapshot.js'

/** How current the bundle is. */
export type BundleState = 'fresh' | 'stale' | 'expired' | 'never_loaded'

export interface BundleStoreOptions {
  readonly keyid: string
  readonly keys: PurposeKeys
  readonly clock: ServerClock
  readonly logger: Logger
  readonly snapshot: SnapshotFile | undefined
  /** Without word from the control plane for this long, the bundle is called stale. */
  readonly staleAfterMs: number
  /** Called with each new ruleset, before it is used. */
  readonly onRuleset: (ruleset: Ruleset) => void
}

/** The bundle in force: what was last good, how it came, and what was refused since. */
export class BundleStore {
  readonly #options: BundleStoreOptions
  readonly #notices = new NoticeBoard()
  #ruleset: Ruleset | undefined
  #etag: string | undefined
  /** By the monotonic clock; long ago as long as only the disk has spoken. */
  #heardAt = Number.NEGATIVE_INFINITY
  #refused = 0
  #lastRefusal: string | undefined

  constructor(options: BundleStoreOptions) {
    this.#options = options
  }

  get ruleset(): Ruleset | undefined {
    return this.#ruleset
  }

  get bundle(): Bundle | undefined {
    return this.#ruleset?.bundle
  }

  /** For `If-None-Match`; undefined while the bundle only came from disk. */
  get etag(): string | undefined {
    return this.#etag
  }

  get refusals(): { readonly count: number; readonly last: string | undefined } {
    return { count: this.#refused, last: this.#lastRefusal }
  }

  state(): BundleState {
    if (this.#ruleset === undefined) return 'never_loaded'
    const now = this.#options.clock.now()
    if (this.#ruleset.bundle.not_after <= now) return 'expired'
    return performance.now() - this.#heardAt > this.#options.staleAfterMs ? 'stale' : 'fresh'
  }

  /** Notes that the control plane answered and nothing had changed, or that its stream lives. */
  heard(): void {
    this.#heardAt = performance.now()
  }

  /** Takes the last good bundle from disk, if its signature still holds. */
  load(): void {
    const received = this.#options.snapshot?.read()
    if (received === undefined) return
    const { keyid, keys } = this.#options
    const check = checkBundle(received, { keyid, keys, last: undefined })
    if (check.ok && this.#use(check.bundle)) return
    this.#refuse(check.ok ? 'keys' : check.reason, 'The bundle on disk')
  }

  /** Takes a bundle from the wire; false when it is refused, and the one in force stays. */
  offer(received: ReceivedBundle): boolean {
    const { keyid, keys, clock } = this.#options
    const check = checkBundle(received, { keyid, keys, last: this.bundle, now: clock.now() })
    const used = check.ok && this.#use(check.bundle)
    if (!used) {
      this.#refuse(check.ok ? 'keys' : check.reason, 'A bundle')
      return false
    }
    this.#etag = received.headers.etag
    this.heard()
    this.#notices.leave('refused', () => this.#options.logger.info('A good bundle arrived.'))
    this.#save(received)
    return true
  }

  #use(bundle: Bundle): boolean {
    const ruleset = prepareRuleset(bundle, this.#options.keys)
    if (ruleset === undefined) return false
    this.#options.onRuleset(ruleset)
    this.#ruleset = ruleset
    return true
  }

  #refuse(reason: string, what: string): void {
    this.#refused += 1
    this.#lastRefusal = reason
    this.#notices.enter('refused', () =>
      this.#options.logger.error(`${what} was refused; the last good one stays in force.`, { reason }),
    )
  }

  #save(received: ReceivedBundle): void {
    const { snapshot, logger } = this.#options
    if (snapshot === undefined) return
    try {
      snapshot.write(received)
      this.#notices.leave('snapshot', () => logger.info('The bundle is kept on disk again.'))
    } catch (error) {
      const cause = failureCode(error)
      this.#notices.enter('snapshot', () =>
        logger.warn('The bundle could not be kept on disk.', { file: snapshot.path, cause }),
      )
    }
  }
}
