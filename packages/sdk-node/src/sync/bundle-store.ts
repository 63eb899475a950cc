import { type Bundle, type Logger, NoticeBoard } from '@esper/core'
import { prepareRuleset, type Ruleset } from '../decide/ruleset.js'
import { failureCode } from '../failure-code.js'
import type { ServerClock } from '../platform/clock.js'
import type { PurposeKeys } from '../platform/crypto.js'
import { checkBundle, type ReceivedBundle } from './bundle-check.js'
import type { ListFiles } from './list-files.js'
import { type FetchPart, ListShelf, type ListsByHash } from './list-shelf.js'
import type { SnapshotFile } from './snapshot.js'

/** How current the bundle is. */
export type BundleState = 'fresh' | 'stale' | 'expired' | 'never_loaded'

/** Where the bundle in force came from: the control plane, its copy on disk, or the file of the option `bundle`. */
export type BundleOrigin = 'control_plane' | 'disk' | 'file' | 'none'

/** What of a bundle is enforced: past its time only what fails closed, and nothing long past it or without one. */
export type Enforces = 'all' | 'closed_only' | 'nothing'

export interface BundleStoreOptions {
  /** What bundles of the control plane are checked with; absent without one. */
  readonly access: { readonly keyid: string; readonly keys: PurposeKeys } | undefined
  /** Decided with until a bundle came. */
  readonly local: Ruleset | undefined
  readonly clock: ServerClock
  readonly logger: Logger
  readonly snapshot: SnapshotFile | undefined
  /** Where what is in lists is kept beside it. */
  readonly listFiles: ListFiles | undefined
  /** Without word from the control plane for this long, the bundle is called stale. */
  readonly staleAfterMs: number
  /** For so long past its time, a bundle still enforces what fails closed. */
  readonly maxExpiredMs: number
  /** Called with each new ruleset, before it is used. */
  readonly onRuleset: (ruleset: Ruleset) => void
}

/** The bundle in force: what was last good, how it came, and what was refused since. */
export class BundleStore {
  readonly #options: BundleStoreOptions
  readonly #notices = new NoticeBoard()
  readonly #lists: ListShelf
  #ruleset: Ruleset | undefined
  #origin: BundleOrigin = 'none'
  #etag: string | undefined
  /** By the monotonic clock; long ago as long as only the disk has spoken. */
  #heardAt = Number.NEGATIVE_INFINITY
  #refused = 0
  #lastRefusal: string | undefined
  #problems = ''

  constructor(options: BundleStoreOptions) {
    this.#options = options
    this.#lists = new ListShelf({ files: options.listFiles, onKept: (error) => this.#noteDisk(error) })
  }

  get ruleset(): Ruleset | undefined {
    return this.#ruleset
  }

  /** The last good bundle of the control plane's; undefined while only a local one is in force. */
  get bundle(): Bundle | undefined {
    return this.#origin === 'file' ? undefined : this.#ruleset?.bundle
  }

  get origin(): BundleOrigin {
    return this.#origin
  }

  /** For `If-None-Match`; undefined while the bundle only came from disk. */
  get etag(): string | undefined {
    return this.#etag
  }

  get refusals(): { readonly count: number; readonly last: string | undefined } {
    return { count: this.#refused, last: this.#lastRefusal }
  }

  state(now = this.#options.clock.now()): BundleState {
    if (this.#ruleset === undefined) return 'never_loaded'
    if (this.#ruleset.bundle.not_after <= now) return 'expired'
    if (this.#options.access === undefined) return 'fresh'
    return performance.now() - this.#heardAt > this.#options.staleAfterMs ? 'stale' : 'fresh'
  }

  /** What is enforced at this time. */
  enforces(now = this.#options.clock.now()): Enforces {
    if (this.#ruleset === undefined) return 'nothing'
    const over = now - this.#ruleset.bundle.not_after
    if (over < 0) return 'all'
    return over < this.#options.maxExpiredMs ? 'closed_only' : 'nothing'
  }

  /** Notes that the control plane answered and nothing had changed, or that its stream lives. */
  heard(): void {
    this.#heardAt = performance.now()
  }

  /** Takes the last good bundle from disk if its signature still holds, else the local one. */
  load(): void {
    if (this.#loadSnapshot() || this.#options.local === undefined) return
    this.#put(this.#options.local, 'file')
  }

  #loadSnapshot(): boolean {
    const { access, snapshot } = this.#options
    const received = access === undefined ? undefined : snapshot?.read()
    if (access === undefined || received === undefined) return false
    const check = checkBundle(received, { ...access, last: undefined })
    const reason = check.ok
      ? this.#take(check.bundle, this.#lists.load(check.bundle.lists ?? []), 'disk')
      : check.reason
    if (reason !== undefined) this.#refuse(reason, 'The bundle on disk')
    return reason === undefined
  }

  /**
   * Takes a bundle from the wire, once everything is there that is in its lists; false when it is refused. Until then, and
   * when it is refused, the one in force stays.
   * @throws what `fetchPart` throws, or UnfitPart
   */
  async offer(received: ReceivedBundle, fetchPart: FetchPart): Promise<boolean> {
    const { access, clock } = this.#options
    if (access === undefined) return false
    const check = checkBundle(received, { ...access, last: this.bundle, now: clock.now() })
    const reason = check.ok
      ? this.#take(check.bundle, await this.#gather(check.bundle, fetchPart), 'control_plane')
      : check.reason
    if (reason !== undefined) {
      this.#refuse(reason, 'A bundle')
      return false
    }
    this.#etag = received.headers.etag
    this.heard()
    this.#notices.leave('refused', () => this.#options.logger.info('A good bundle arrived.'))
    this.#save(received)
    return true
  }

  async #gather({ lists = [] }: Bundle, fetchPart: FetchPart): Promise<ListsByHash> {
    try {
      return await this.#lists.gather(lists, fetchPart)
    } catch (error) {
      this.#refuse('lists', 'A bundle')
      throw error
    }
  }

  /** Puts a bundle in force; otherwise says why not. */
  #take(bundle: Bundle, contents: ListsByHash | undefined, origin: BundleOrigin): string | undefined {
    const { access } = this.#options
    if (contents === undefined) return 'lists'
    const ruleset = access === undefined ? undefined : prepareRuleset(bundle, access.keys, contents)
    if (ruleset === undefined) return 'keys'
    this.#put(ruleset, origin)
    this.#lists.keepOnly(bundle.lists ?? [])
    return undefined
  }

  #put(ruleset: Ruleset, origin: BundleOrigin): void {
    this.#options.onRuleset(ruleset)
    this.#ruleset = ruleset
    this.#origin = origin
    this.#sayProblems(ruleset)
  }

  /** Names what of a bundle cannot be used; the same things once, whatever bundles they come in. */
  #sayProblems({ set }: Ruleset): void {
    const [first] = set.problems
    const known = set.problems.map(({ resource, id }) => `${resource} ${id}`).join()
    if (first === undefined || known === this.#problems) {
      if (first === undefined) this.#problems = ''
      return
    }
    this.#problems = known
    this.#options.logger.warn('This version cannot use a part of the bundle; the rest is in force.', {
      resource: first.resource,
      id: first.id,
      code: first.code,
      parts: set.problems.length,
    })
  }

  #refuse(reason: string, what: string): void {
    this.#refused += 1
    this.#lastRefusal = reason
    this.#notices.enter('refused', () =>
      this.#options.logger.error(`${what} was refused; the last good one stays in force.`, { reason }),
    )
  }

  #save(received: ReceivedBundle): void {
    const { snapshot } = this.#options
    if (snapshot === undefined) return
    try {
      snapshot.write(received)
      this.#noteDisk()
    } catch (error) {
      this.#noteDisk(error)
    }
  }

  #noteDisk(error?: unknown): void {
    const { snapshot, logger } = this.#options
    if (error === undefined) {
      this.#notices.leave('snapshot', () => logger.info('The bundle is kept on disk again.'))
      return
    }
    const cause = failureCode(error)
    this.#notices.enter('snapshot', () =>
      logger.warn('The bundle could not be kept on disk.', { file: snapshot?.path, cause }),
    )
  }
}
