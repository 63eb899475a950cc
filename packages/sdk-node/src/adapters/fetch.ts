import type { Asked } from '../enforce/enforcer.js'
import type { Reply } from '../enforce/reply.js'
import { FetchBody } from '../request/fetch-body.js'
import type { RequestExtras } from '../request/read-request.js'
import type { RequestEsper } from '../request-esper.js'
import type { Guard } from './guard.js'
import type { Passage } from './passage.js'

/** The application, as a function from a request to its answer. */
export type Respond = (esper: RequestEsper) => Response | Promise<Response>

/** Stands in front of a fetch-style application: decides, answers where it must, records when the answer is there. */
export class FetchHandler {
  readonly #guard: Guard

  constructor(guard: Guard) {
    this.#guard = guard
  }

  /** Rejects only with what the application throws. */
  async respond(request: Request, next: Respond, extras: RequestExtras): Promise<Response> {
    const asked = this.#read(request, extras)
    if (asked === undefined) return next(this.#guard.undecided())
    if (this.#guard.owns(asked)) {
      const own = await this.#made(() => this.#guard.ownReply(asked))
      return own === undefined ? next(this.#guard.undecided()) : toResponse(own, request.method)
    }
    return this.#protect(asked, request, { next, isAnswer: extras.isAnswer ?? always })
  }

  #read(request: Request, extras: RequestExtras): Asked | undefined {
    try {
      return { request: this.#guard.reader.fetch(request, extras), body: new FetchBody(request) }
    } catch (error) {
      this.#guard.onFailure('read', error)
      return undefined
    }
  }

  async #protect(
    asked: Asked,
    { method, signal }: Request,
    application: { readonly next: Respond; readonly isAnswer: (response: Response) => boolean },
  ): Promise<Response> {
    const { next, isAnswer } = application
    let isHandedOver = false
    const instead: Promise<Response | undefined>[] = []
    const passage = await this.#guard.admit(asked, {
      canAnswer: () => !isHandedOver,
      takeOver: (taken) => void instead.push(this.#answer(taken, method)),
    })
    try {
      const refused = passage.decision.enforced ? await this.#answer(passage, method) : undefined
      const response = refused ?? (await next(passage.esper))
      const replaced = await instead[0]
      if (replaced !== undefined) discard(response)
      passage.end(signal.aborted || !isAnswer(response) ? undefined : response.status)
      return replaced ?? refused ?? withHeaders(response, passage.allowance())
    } finally {
      isHandedOver = true
      // The application threw: there is no answer to speak of.
      passage.end(undefined)
    }
  }

  async #answer(passage: Passage, method: string): Promise<Response | undefined> {
    const reply = await this.#made(() => passage.reply())
    if (reply === undefined) passage.unanswered()
    else passage.answered()
    return reply === undefined ? undefined : toResponse(reply, method)
  }

  async #made(make: () => Promise<Reply | undefined>): Promise<Reply | undefined> {
    try {
      return await make()
    } catch (error) {
      this.#guard.onFailure('answer', error)
      return undefined
    }
  }
}

const always = () => true

function toResponse({ status, headers, body }: Reply, method: string): Response {
  return new Response(method === 'HEAD' ? null : body, { status, headers: { ...headers } })
}

/** The answer with headers added; the same object where it lets them be added. */
function withHeaders(response: Response, headers: Readonly<Record<string, string>> | undefined): Response {
  if (headers === undefined) return response
  try {
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
    return response
  } catch {
    // Headers of a redirect or of a fetched answer cannot be changed.
    return response
  }
}

/** What the application had made is not sent. */
function discard(response: Response): void {
  if (response.body !== null && !response.bodyUsed) void response.body.cancel().catch(() => undefined)
}
