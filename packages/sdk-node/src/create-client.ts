import type { IncomingMessage, ServerResponse } from 'node:http'
import { guardLogger, type Logger, NoticeBoard } from '@esper/core'
import { type Continue, NodeHandler } from './adapters/node-http.js'
import { DecidingClient, type Evaluation } from './client.js'
import { ClearanceDesk } from './decide/clearance.js'
import { Decider } from './decide/decider.js'
import { type Decision, passed } from './decision.js'
import { EventSink } from './deliver/event-sink.js'
import { redeemWith } from './deliver/redeem.js'
import { failureCode, Transport } from './deliver/transport.js'
import { disabledEsper } from './disabled.js'
import { ChallengeDesk } from './enforce/challenge-desk.js'
import { Endpoints } from './enforce/endpoints.js'
import { Enforcer } from './enforce/enforcer.js'
import type { Esper, EsperStatus } from './esper.js'
import { type EsperOptions, type ResolvedOptions, resolveOptions } from './options.js'
import { ServerClock, systemClock } from './platform/clock.js'
import { consoleLogger } from './platform/console-logger.js'
import { derivePurposeKeys, randomId } from './platform/crypto.js'
import { AddressWatch } from './request/client-address.js'
import { type RequestExtras, readRequest } from './request/read-request.js'
import { BundleStore } from './sync/bundle-store.js'
import { SnapshotFile } from './sync/snapshot.js'
import { Sync } from './sync/sync.js'
import { SDK } from './version.js'

/** Failures of Esper itself: said once a kind, counted always, thrown never. */
class FailureLog {
  readonly #logger: Logger
  readonly #notices = new NoticeBoard()
  #count = 0

  constructor(logger: Logger) {
    this.#logger = logger
  }

  get count(): number {
    return this.#count
  }

  readonly note = (where: string, error: unknown): void => {
    this.#count += 1
    const cause = failureCode(error)
    const kind = `${where}:${cause}`
    this.#notices.enter(kind, () => this.#logger.error('Esper failed; the request passed.', { where, cause }))
  }
}

/** Nobody stands there to enforce it, and the event must not say that somebody did. */
function unenforced(evaluation: Evaluation): Evaluation {
  const { decision, sdkDecision } = evaluation
  return { ...evaluation, decision: { ...decision, enforced: false }, sdkDecision: { ...sdkDecision, enforced: false } }
}

class RunningEsper implements Esper {
  readonly #options: ResolvedOptions
  readonly #clock = new ServerClock(systemClock)
  readonly #failures: FailureLog
  readonly #addresses = new AddressWatch()
  readonly #transport: Transport
  readonly #store: BundleStore
  readonly #decider: Decider
  readonly #sink: EventSink
  readonly #client: DecidingClient
  readonly #sync: Sync
  readonly #handler: NodeHandler
  #redeemUnverified = 0
  #closing: Promise<void> | undefined

  constructor(options: ResolvedOptions, logger: Logger) {
    this.#options = options
    const clock = this.#clock
    const keys = derivePurposeKeys(options.secret, options.apiKeyId)
    const instanceId = randomId()
    this.#failures = new FailureLog(logger)
    const clearances = new ClearanceDesk()
    const { maxMitigations, maxEntities, keyid, timeoutMs, pollMs } = options
    this.#decider = new Decider({ maxMitigations, maxEntities, clearances })
    this.#transport = new Transport({ origin: options.url, keyid, keys, clock, timeoutMs, userAgent: SDK })
    this.#store = new BundleStore({
      keyid,
      keys,
      clock,
      logger,
      snapshot: options.snapshotDir === 'off' ? undefined : new SnapshotFile(options.snapshotDir, keyid),
      staleAfterMs: Math.max(60_000, 3 * pollMs),
      onRuleset: (ruleset) => this.#decider.follow(ruleset, clock.now()),
    })
    this.#sink = this.#createSink(logger, instanceId)
    this.#client = new DecidingClient({
      clock,
      store: this.#store,
      decider: this.#decider,
      sink: this.#sink,
      monitor: options.mode === 'monitor',
      onFailure: this.#failures.note,
    })
    this.#handler = this.#createHandler(clearances)
    this.#sync = new Sync({
      clock,
      transport: this.#transport,
      logger,
      keys,
      store: this.#store,
      instanceId,
      pollMs,
      onDeltas: (deltas, full) => this.#decider.apply(deltas, full, { ruleset: this.#store.ruleset, now: clock.now() }),
    })
  }

  start(): void {
    this.#store.load()
    void this.#sync.run()
  }

  decide(request: IncomingMessage, extras: RequestExtras = {}): Decision {
    try {
      const read = readRequest(request, extras, this.#options.trustProxy)
      const evaluation = unenforced(this.#client.evaluate(read))
      this.#client.record(evaluation)
      return evaluation.decision
    } catch (error) {
      this.#failures.note('read', error)
      return passed(randomId(), this.#store.state(), true)
    }
  }

  handle(request: IncomingMessage, response: ServerResponse, next: Continue, extras: RequestExtras = {}): void {
    if (this.#closing !== undefined) next(undefined)
    else this.#handler.handle(request, response, { extras, next })
  }

  status(): EsperStatus {
    const { ruleset, refusals } = this.#store
    return {
      mode: this.#options.mode,
      bundle: {
        state: this.#store.state(),
        revision: ruleset?.bundle.revision ?? 0,
        notAfter: ruleset?.bundle.not_after,
        refused: refusals.count,
        lastRefusal: refusals.last,
        problems: ruleset?.set.problems ?? [],
      },
      sync: { mode: this.#sync.mode, clockOffsetMs: this.#clock.offsetMs },
      delivery: { ...this.#sink.report(), state: this.#sink.state },
      mitigations: this.#decider.mitigations.counts(),
      counts: {
        failedOpen: this.#client.failedOpen,
        exempt: this.#client.exempt,
        redeemUnverified: this.#redeemUnverified,
        errors: this.#failures.count,
      },
      address: this.#addresses.report(),
    }
  }

  close({ timeoutMs = 5_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#sync.stop()
    await this.#sink.close(timeoutMs)
    await this.#transport.destroy()
  }

  #createSink(logger: Logger, instanceId: string): EventSink {
    const { maxQueueEvents, maxQueueBytes, maxBatchEvents, maxBatchAgeMs } = this.#options
    return new EventSink({
      clock: this.#clock,
      transport: this.#transport,
      logger,
      sdk: SDK,
      instanceId,
      queue: { maxEvents: maxQueueEvents, maxBytes: maxQueueBytes },
      batch: { maxEvents: maxBatchEvents, maxAgeMs: maxBatchAgeMs },
      counts: () => ({
        failed_open: this.#client.failedOpen,
        redeem_unverified: this.#redeemUnverified,
        errors: this.#failures.count,
      }),
    })
  }

  #createHandler(clearances: ClearanceDesk): NodeHandler {
    const desk = new ChallengeDesk({
      clearances,
      redeem: redeemWith(this.#transport),
      onUnverified: () => {
        this.#redeemUnverified += 1
      },
    })
    return new NodeHandler({
      client: this.#client,
      enforcer: new Enforcer(this.#decider, desk),
      endpoints: new Endpoints(desk),
      store: this.#store,
      clock: this.#clock,
      addresses: this.#addresses,
      trustProxy: this.#options.trustProxy,
      onFailure: this.#failures.note,
    })
  }
}

/**
 * Starts Esper in this process; one client is enough. Connects in the background: until its first bundle arrives every
 * request passes, and `status()` says so.
 * @throws EsperError when an option is missing or wrong; nothing is thrown later
 * @example
 * const esper = createEsper() // ESPER_URL, ESPER_KEY_ID, ESPER_SECRET
 */
export function createEsper(options: EsperOptions = {}): Esper {
  const settings = resolveOptions(options)
  if (settings.resolved === undefined) return disabledEsper()
  const running = new RunningEsper(settings.resolved, guardLogger(settings.logger ?? consoleLogger))
  running.start()
  return running
}
