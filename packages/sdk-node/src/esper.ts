import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Respond } from './adapters/fetch.js'
import type { Continue } from './adapters/node-http.js'
import type { Decision } from './decision.js'
import type { DoctorReport } from './doctor.js'
import type { EsperStatus } from './esper-status.js'
import type { RequestExtras } from './request/read-request.js'
import type { TrackFields } from './request/tracked-activity.js'

/** Esper in this process. Made by `createEsper`. */
export interface Esper {
  /**
   * Decides a request and records it at once, enforcing nothing: for servers without an adapter. Never throws and never
   * waits for the network.
   */
  decide(request: IncomingMessage | Request, extras?: RequestExtras): Decision
  /**
   * Decides and records what is no request: a job, a message, a step of a longer business. Policies see its name as
   * `tracked_action`. It counts in windows as requests do; what a policy says of it is for the application to do. Never
   * throws and never waits for the network.
   * @example
   * if (esper.track('password_reset', { user_id: user.id }).outcome === 'block') return
   */
  track(action: string, fields?: TrackFields): Decision
  /**
   * Stands in front of a node:http application, and of every framework that is one: answers the request itself where a
   * policy says so, else calls `next` with what is for its handlers. The event is recorded when the response is over.
   * Never throws.
   * @example
   * createServer((request, response) => esper.handle(request, response, () => app(request, response)))
   */
  handle(request: IncomingMessage, response: ServerResponse, next: Continue, extras?: RequestExtras): void
  /**
   * The same for a fetch-style application: the answer is Esper's where a policy says so, else what `next` gives. A fetch
   * request does not know who is connected: say it in `extras.peer`, or name the proxies in front in `trustProxy`. The
   * event is recorded when the answer is there. Rejects only with what `next` throws.
   * @example
   * serve({ fetch: (request) => esper.respond(request, () => app.fetch(request)) })
   */
  respond(request: Request, next: Respond, extras?: RequestExtras): Promise<Response>
  /** Warns through this client's logger, for adapters. Never throws. */
  warn(message: string): void
  /** How this client is doing. */
  status(): EsperStatus
  /**
   * Looks at everything that can be wrong with an installation and says what to do about it: the control plane (one call
   * is made), the clock, the bundle, delivery, and where client addresses come from. For people; never throws.
   * @example
   * console.log(String(await esper.doctor()))
   */
  doctor(): Promise<DoctorReport>
  /** Sends what is queued within `timeoutMs` (default 5,000), then stops for good; requests pass undecided from then on. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>
}
