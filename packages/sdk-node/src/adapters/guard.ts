import { passed } from '../decision.js'
import type { Endpoints } from '../enforce/endpoints.js'
import type { Asked } from '../enforce/enforcer.js'
import type { Reply } from '../enforce/reply.js'
import type { ServerClock } from '../platform/clock.js'
import { randomId } from '../platform/crypto.js'
import { Recent } from '../platform/recent.js'
import type { BodyLimits } from '../request/body-source.js'
import { bodyOf } from '../request/parse-body.js'
import type { RequestReader } from '../request/request-reader.js'
import { type RequestEsper, undecidedEsper } from '../request-esper.js'
import type { BundleStore } from '../sync/bundle-store.js'
import { Passage, type PassageParts, type Surface } from './passage.js'

export interface GuardOptions extends PassageParts {
  readonly endpoints: Endpoints
  readonly store: BundleStore
  readonly clock: ServerClock
  readonly reader: RequestReader
  readonly bodyLimits: BodyLimits
  readonly onFailure: (where: string, error: unknown) => void
}

/** What every adapter does with a request, whatever the framework. */
export class Guard {
  readonly reader: RequestReader
  readonly onFailure: GuardOptions['onFailure']
  readonly #options: GuardOptions
  readonly #recent = new Recent<Passage>()

  constructor(options: GuardOptions) {
    this.#options = options
    this.reader = options.reader
    this.onFailure = options.onFailure
  }

  /** Whether a request is for one of Esper's own addresses. */
  owns({ request }: Asked): boolean {
    return this.#options.endpoints.owns(request.input.url)
  }

  /** Answers a request for one of them. May reject: then the request is the application's. */
  ownReply({ request, body }: Asked): Promise<Reply | undefined> {
    const { endpoints, store, clock } = this.#options
    return endpoints.reply({ request, body, ruleset: store.ruleset, nowMs: clock.now() })
  }

  /** Decides a request, at once where no policy reads its body. Never throws, never rejects. */
  admit(asked: Asked, surface: Surface): Passage | Promise<Passage> {
    const { body } = asked
    const started = performance.now()
    if (!this.#readsBody()) return this.#decide(asked, surface, started)
    if (body.parsed !== undefined || !body.exists) {
      if (body.parsed !== undefined) asked.request.complete({ body: body.parsed })
      return this.#decide(asked, surface, started)
    }
    return bodyOf(body, this.#options.bodyLimits).then((parsed) => {
      if (parsed !== undefined) asked.request.complete({ body: parsed })
      return this.#decide(asked, surface, started)
    })
  }

  /** For a request that could not be read. */
  undecided(): RequestEsper {
    return undecidedEsper(passed(randomId(), this.#options.store.state(), true))
  }

  #readsBody(): boolean {
    return (this.#options.store.ruleset?.bundle.demand.body.length ?? 0) > 0
  }

  #decide(asked: Asked, surface: Surface, started: number): Passage {
    const passage = new Passage(this.#options, asked, surface, started)
    this.#recent.keep(passage)
    return passage
  }
}
