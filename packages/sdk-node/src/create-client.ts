import type { IncomingMessage, ServerResponse } from 'node:http'
import { guardLogger, type Logger, type SdkStatusReport } from '@esper/core'
import { FetchHandler, type Respond } from './adapters/fetch.js'
import { Guard } from './adapters/guard.js'
import { type Continue, NodeHandler } from './adapters/node-http.js'
import { DecidingClient, type Standing } from './client.js'
import { ControlPlaneLink } from './control-plane-link.js'
import { ClearanceDesk } from './decide/clearance.js'
import { Decider } from './decide/decider.js'
import type { Subject } from './decide/event-encoder.js'
import { prepareLocalRuleset } from './decide/ruleset.js'
import { type Decision, passed } from './decision.js'
import { disabledEsper } from './disabled.js'
import { type DoctorReport, diagnose } from './doctor.js'
import { ChallengeDesk } from './enforce/challenge-desk.js'
import { Endpoints } from './enforce/endpoints.js'
import { Enforcer } from './enforce/enforcer.js'
import type { Esper } from './esper.js'
import { type EsperStatus, NO_DELIVERY } from './esper-status.js'
import { FailureLog, guardHook } from './hooks.js'
import { IpDatabase } from './ip-database/ip-database.js'
import type { EsperOptions, ResolvedOptions } from './options.js'
import { ServerClock, systemClock } from './platform/clock.js'
import { consoleLogger } from './platform/console-logger.js'
import { derivePurposeKeys, randomId } from './platform/crypto.js'
import { AddressWatch } from './request/client-address.js'
import type { RequestExtras } from './request/read-request.js'
import { RequestReader } from './request/request-reader.js'
import type { TrackFields } from './request/tracked-activity.js'
import { undecidedEsper } from './request-esper.js'
import { resolveOptions } from './resolve-options.js'
import { statusReport } from './status-report.js'
import { BundleStore } from './sync/bundle-store.js'
import { ListFiles } from './sync/list-files.js'
import { loadLocalBundle } from './sync/local-bundle.js'
import { SnapshotFile, stateFolder } from './sync/snapshot.js'
import { findOpenTelemetry, Telemetry } from './telemetry.js'

class RunningEsper implements Esper {
  readonly #options: ResolvedOptions
  readonly #logger: Logger
  readonly #clock = new ServerClock(systemClock)
  readonly #failures: FailureLog
  readonly #addresses = new AddressWatch()
  readonly #store: BundleStore
  readonly #decider: Decider
  readonly #link: ControlPlaneLink | undefined
  readonly #client: DecidingClient
  readonly #origins: IpDatabase | undefined
  readonly #reader: RequestReader
  readonly #node: NodeHandler
  readonly #fetch: FetchHandler
  #telemetry: Telemetry | undefined
  #redeemUnverified = 0
  #closing: Promise<void> | undefined

  constructor(options: ResolvedOptions, logger: Logger) {
    this.#options = options
    this.#logger = logger
    const clock = this.#clock
    this.#failures = new FailureLog(logger, options.onError)
    const clearances = new ClearanceDesk()
    const { maxMitigations, maxEntities, controlPlane: access } = options
    this.#decider = new Decider({ maxMitigations, maxEntities, clearances })
    const folder = stateFolder(options.snapshotDir)
    const keys = access === undefined ? undefined : derivePurposeKeys(access.secret, access.apiKeyId)
    this.#store = new BundleStore({
      access: access === undefined || keys === undefined ? undefined : { keyid: access.keyid, keys },
      local:
        options.bundle === undefined ? undefined : prepareLocalRuleset(loadLocalBundle(options.bundle), options.secret),
      clock,
      logger,
      snapshot: access === undefined || folder === undefined ? undefined : new SnapshotFile(folder, access.keyid),
      listFiles: access === undefined || folder === undefined ? undefined : new ListFiles(folder, access.keyid),
      staleAfterMs: Math.max(60_000, 3 * options.pollMs),
      maxExpiredMs: options.maxExpiredMs,
      onRuleset: (ruleset) => this.#decider.follow(ruleset, clock.now()),
    })
    if (access !== undefined && keys !== undefined) {
      this.#link = new ControlPlaneLink({
        ...{ access, keys, options, clock, logger, folder, store: this.#store, instanceId: randomId() },
        counts: () => this.#counts(),
        status: () => this.#report(),
        onDeltas: (deltas, full) =>
          this.#decider.apply(deltas, full, { ruleset: this.#store.ruleset, now: clock.now() }),
      })
    }
    this.#client = this.#createClient()
    if (options.ipDatabase.length > 0) this.#origins = new IpDatabase({ paths: options.ipDatabase, clock, logger })
    this.#reader = new RequestReader({ trust: options.trustProxy, addresses: this.#addresses, origins: this.#origins })
    const guard = this.#createGuard(clearances)
    this.#node = new NodeHandler(guard)
    this.#fetch = new FetchHandler(guard)
  }

  start(): void {
    this.#store.load()
    this.#link?.start()
    void this.#origins?.start()
    void findOpenTelemetry().then((api) => {
      if (api !== undefined && this.#closing === undefined) this.#telemetry = new Telemetry(api, () => this.status())
    })
  }

  decide(request: IncomingMessage | Request, extras: RequestExtras = NO_EXTRAS): Decision {
    try {
      const reader = this.#reader
      const read = request instanceof Request ? reader.fetch(request, extras) : reader.node(request, extras)
      if (extras.body !== undefined) read.complete({ body: extras.body })
      return this.#decideAndRecord(read)
    } catch (error) {
      return this.#unreadable('read', error)
    }
  }

  track(action: string, fields: TrackFields = {}): Decision {
    try {
      return this.#decideAndRecord(this.#reader.activity(action, fields))
    } catch (error) {
      return this.#unreadable('track', error)
    }
  }

  handle(request: IncomingMessage, response: ServerResponse, next: Continue, extras: RequestExtras = NO_EXTRAS): void {
    if (this.#closing === undefined) this.#node.handle(request, response, { extras, next })
    else next(undecidedEsper(this.#unread()))
  }

  async respond(request: Request, next: Respond, extras: RequestExtras = NO_EXTRAS): Promise<Response> {
    return this.#closing === undefined
      ? this.#fetch.respond(request, next, extras)
      : next(undecidedEsper(this.#unread()))
  }

  /** Decides and records at once what nobody stands ready to enforce. */
  #decideAndRecord(subject: Subject): Decision {
    const evaluation = this.#client.evaluate(subject, ASKED)
    this.#client.record(evaluation)
    return evaluation.decision
  }

  #unreadable(where: string, error: unknown): Decision {
    this.#failures.note(where, error)
    return this.#unread()
  }

  #unread(): Decision {
    return passed(randomId(), this.#store.state(), true)
  }

  warn(message: string): void {
    this.#logger.warn(message)
  }

  status(): EsperStatus {
    const { ruleset, refusals, origin } = this.#store
    const link = this.#link
    return {
      mode: this.#options.mode,
      bundle: {
        state: this.#store.state(),
        origin,
        enforces: this.#store.enforces(),
        enforcement: ruleset?.bundle.enforcement,
        revision: ruleset?.bundle.revision ?? 0,
        notAfter: origin === 'file' ? undefined : ruleset?.bundle.not_after,
        refused: refusals.count,
        lastRefusal: refusals.last,
        problems: ruleset?.set.problems ?? [],
      },
      sync: { mode: link?.syncMode ?? 'stopped', clockOffsetMs: this.#clock.offsetMs },
      delivery: link?.delivery() ?? NO_DELIVERY,
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

  async doctor(): Promise<DoctorReport> {
    const probe = await this.#link?.probe()
    return diagnose(this.status(), probe)
  }

  close({ timeoutMs = 5_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#telemetry?.stop()
    this.#origins?.stop()
    await this.#link?.close(timeoutMs)
  }

  #counts(): Readonly<Record<string, number>> {
    return {
      failed_open: this.#client.failedOpen,
      redeem_unverified: this.#redeemUnverified,
      errors: this.#failures.count,
      blocks_evicted: this.#decider.mitigations.counts().blocks_evicted,
    }
  }

  #report(): SdkStatusReport {
    return statusReport({
      mode: this.#options.mode,
      store: this.#store,
      sync: this.#link?.syncMode ?? 'stopped',
      clockOffsetMs: this.#clock.offsetMs,
      address: this.#addresses.report(),
    })
  }

  #createClient(): DecidingClient {
    const onDecision = guardHook(this.#options.onDecision, (error) => this.#failures.note('onDecision', error))
    return new DecidingClient({
      clock: this.#clock,
      store: this.#store,
      decider: this.#decider,
      sink: this.#link?.sink,
      monitor: this.#options.mode === 'monitor',
      onDecision: (decision) => {
        onDecision?.(decision)
        this.#telemetry?.decided(decision)
      },
      onFailure: this.#failures.note,
    })
  }

  #createGuard(clearances: ClearanceDesk): Guard {
    const desk = new ChallengeDesk({
      clearances,
      // Alone, this process's own record of spent challenges is all there is.
      redeem: this.#link?.redeem ?? (() => Promise.resolve('spent')),
      onUnverified: () => {
        this.#redeemUnverified += 1
      },
    })
    return new Guard({
      client: this.#client,
      enforcer: new Enforcer(this.#decider, desk),
      endpoints: new Endpoints(desk),
      store: this.#store,
      clock: this.#clock,
      reader: this.#reader,
      bodyLimits: { maxBytes: this.#options.maxBodyBytes, timeoutMs: this.#options.bodyTimeoutMs },
      onFailure: this.#failures.note,
    })
  }
}

const NO_EXTRAS: RequestExtras = Object.freeze({})
/** Nobody stands there to enforce the answer or to say more. */
const ASKED: Standing = Object.freeze({ enforces: false, expectsMore: false })

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
