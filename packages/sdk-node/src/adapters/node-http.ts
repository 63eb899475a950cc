import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BlockList } from 'node:net'
import type { DecidingClient } from '../client.js'
import type { Decision } from '../decision.js'
import type { Endpoints } from '../enforce/endpoints.js'
import type { Enforcer } from '../enforce/enforcer.js'
import type { Reply } from '../enforce/reply.js'
import type { ServerClock } from '../platform/clock.js'
import type { AddressWatch } from '../request/client-address.js'
import { type ReadRequest, type RequestExtras, readRequest } from '../request/read-request.js'
import type { BundleStore } from '../sync/bundle-store.js'
import { writeReply } from './write-reply.js'

export interface NodeHandlerOptions {
  readonly client: DecidingClient
  readonly enforcer: Enforcer
  readonly endpoints: Endpoints
  readonly store: BundleStore
  readonly clock: ServerClock
  readonly addresses: AddressWatch
  readonly trustProxy: number | BlockList
  readonly onFailure: (where: string, error: unknown) => void
}

/** Goes on with the application; the decision is for its handlers. */
export type Continue = (decision: Decision | undefined) => void

const OWN_PATHS = '/.esper/'

/** Stands in front of a node:http application: decides, answers where it must, records when the response is over. */
export class NodeHandler {
  readonly #options: NodeHandlerOptions

  constructor(options: NodeHandlerOptions) {
    this.#options = options
  }

  /** Never throws; calls `next` unless it has answered itself. */
  handle(
    message: IncomingMessage,
    response: ServerResponse,
    { extras, next }: { extras: RequestExtras; next: Continue },
  ): void {
    const { trustProxy, addresses, onFailure } = this.#options
    let request: ReadRequest
    try {
      request = readRequest(message, extras, trustProxy)
      addresses.note(request.client, request.sawForwardedFor)
    } catch (error) {
      onFailure('read', error)
      next(undefined)
      return
    }
    if (request.facts.url.startsWith(OWN_PATHS)) this.#serveOwn(message, response, { request, extras, next })
    else this.#protect(message, response, { request, extras, next })
  }

  #protect(message: IncomingMessage, response: ServerResponse, context: HandlingContext): void {
    const { client, enforcer } = this.#options
    const started = performance.now()
    const evaluation = client.evaluate(context.request)
    let answered = false
    response.once('close', () => {
      const status = response.statusCode
      const known = !answered && response.headersSent
      client.record(
        evaluation,
        known ? { status, ms: Math.round((performance.now() - started) * 100) / 100 } : undefined,
      )
    })
    enforcer.notePassed(evaluation)
    if (!evaluation.decision.enforced) {
      context.next(evaluation.decision)
      return
    }
    const reply = enforcer.reply(evaluation, message, context.extras.body)
    this.#answer(reply, response, {
      ...context,
      next: () => context.next(evaluation.decision),
      onAnswer: () => {
        answered = true
      },
    })
  }

  #serveOwn(message: IncomingMessage, response: ServerResponse, context: HandlingContext): void {
    const { endpoints, store, clock } = this.#options
    const { request, extras } = context
    const reply = endpoints.reply({
      request,
      message,
      parsedBody: extras.body,
      ruleset: store.ruleset,
      nowMs: clock.now(),
    })
    this.#answer(reply, response, { ...context, next: () => context.next(undefined), onAnswer: () => {} })
  }

  /** Writes the answer when it is ready; when there is none, or making it failed, the request passes. */
  #answer(reply: Promise<Reply | undefined>, response: ServerResponse, context: AnsweringContext): void {
    const { onFailure } = this.#options
    const method = context.request.facts.method
    reply
      .then((made) => {
        if (made === undefined || response.destroyed) return made === undefined
        context.onAnswer()
        return !writeReply(response, made, method)
      })
      .catch((error: unknown) => {
        onFailure('answer', error)
        return !response.headersSent
      })
      // Out of the promise: what the application throws must reach it as if Esper were not there.
      .then((passes) => {
        if (passes && !response.destroyed) setImmediate(context.next)
      })
  }
}

interface HandlingContext {
  readonly request: ReadRequest
  readonly extras: RequestExtras
  readonly next: Continue
}

interface AnsweringContext {
  readonly request: ReadRequest
  readonly next: () => void
  readonly onAnswer: () => void
}
