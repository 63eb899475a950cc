import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Continue } from './adapters/node-http.js'
import type { Decision } from './decision.js'
import type { DoctorReport } from './doctor.js'
import type { EsperStatus } from './esper-status.js'
import type { RequestExtras } from './request/read-request.js'

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
