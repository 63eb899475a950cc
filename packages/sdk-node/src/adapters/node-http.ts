import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Asked } from '../enforce/enforcer.js'
import type { Reply } from '../enforce/reply.js'
import { NodeBody } from '../request/node-body.js'
import type { RequestExtras } from '../request/read-request.js'
import type { RequestEsper } from '../request-esper.js'
import type { Guard } from './guard.js'
import { Passage, type Surface } from './passage.js'
import { takeOver } from './take-over.js'
import { writeReply } from './write-reply.js'

/** Goes on with the application; what it gets is for its handlers. */
export type Continue = (esper: RequestEsper) => void

/** A request with the response that belongs to it. */
class Exchange implements Surface {
  readonly response: ServerResponse
  readonly asked: Asked
  readonly next: Continue
  readonly #handler: NodeHandler

  constructor(handler: NodeHandler, response: ServerResponse, asked: Asked, next: Continue) {
    this.#handler = handler
    this.response = response
    this.asked = asked
    this.next = next
  }

  canAnswer(): boolean {
    return !this.response.headersSent && !this.response.destroyed
  }

  takeOver(passage: Passage): void {
    this.#handler.answerInstead(passage, this)
  }
}

/** Stands in front of a node:http application: decides, answers where it must, records when the response is over. */
export class NodeHandler {
  readonly #guard: Guard

  constructor(guard: Guard) {
    this.#guard = guard
  }

  /** Never throws; calls `next` unless it has answered itself, or nobody is connected any longer. */
  handle(
    message: IncomingMessage,
    response: ServerResponse,
    { extras, next }: { readonly extras: RequestExtras; readonly next: Continue },
  ): void {
    const asked = this.#read(message, extras)
    if (asked === undefined) {
      next(this.#guard.undecided())
      return
    }
    const exchange = new Exchange(this, response, asked, next)
    if (this.#guard.owns(asked)) this.#serveOwn(exchange)
    else this.#protect(exchange)
  }

  #read(message: IncomingMessage, extras: RequestExtras): Asked | undefined {
    try {
      return { request: this.#guard.reader.node(message, extras), body: new NodeBody(message, extras.body) }
    } catch (error) {
      this.#guard.onFailure('read', error)
      return undefined
    }
  }

  #protect(exchange: Exchange): void {
    const admitted = this.#guard.admit(exchange.asked, exchange)
    if (admitted instanceof Passage) this.#follow(admitted, exchange)
    // Out of the promise: what the application throws must reach it as if Esper were not there.
    else void admitted.then((passage) => setImmediate(() => this.#follow(passage, exchange)))
  }

  #follow(passage: Passage, exchange: Exchange): void {
    const { response, next } = exchange
    const end = () => passage.end(response.headersSent ? response.statusCode : undefined)
    // The connection may have broken while the body was waited for.
    if (response.destroyed || response.closed) {
      end()
      return
    }
    // Comes once; and should it come again, an event is recorded once.
    response.on('close', end)
    if (!passage.decision.enforced) {
      const allowance = passage.allowance()
      if (allowance !== undefined) setHeaders(response, allowance)
      next(passage.esper)
    } else this.#answer(passage.reply(), exchange, passage)
  }

  #serveOwn(exchange: Exchange): void {
    this.#answer(this.#guard.ownReply(exchange.asked), exchange, undefined)
  }

  /** Writes the answer when it is ready; when there is none, or making it failed, the request passes. */
  #answer(reply: Promise<Reply | undefined>, exchange: Exchange, passage: Passage | undefined): void {
    const { response, next } = exchange
    void this.#made(reply).then((made) => {
      if (response.destroyed) return
      if (made !== undefined && this.#write(made, exchange, passage)) return
      passage?.unanswered()
      if (!response.headersSent) setImmediate(next, passage?.esper ?? this.#guard.undecided())
    })
  }

  /** Answers a request that the application has in hand. */
  answerInstead(passage: Passage, exchange: Exchange): void {
    const { response } = exchange
    const writing = takeOver(response)
    void this.#made(passage.reply()).then((made) => {
      if (response.destroyed) return
      writing(() => {
        if (made !== undefined && this.#write(made, exchange, passage)) return
        // The application has been told to stop, so nobody else answers.
        response.statusCode = 403
        response.end()
        passage.answered()
      })
    })
  }

  #made(reply: Promise<Reply | undefined>): Promise<Reply | undefined> {
    return reply.catch((error: unknown) => {
      this.#guard.onFailure('answer', error)
      return undefined
    })
  }

  #write(reply: Reply, { response, asked }: Exchange, passage: Passage | undefined): boolean {
    try {
      if (!writeReply(response, reply, asked.request.facts.method)) return false
      passage?.answered()
      return true
    } catch (error) {
      this.#guard.onFailure('answer', error)
      return false
    }
  }
}

function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  if (response.headersSent) return
  for (const name in headers) response.setHeader(name, headers[name] ?? '')
}
