import {
  type ApplicationFields,
  type EncoderOptions,
  encodeActivity,
  type Fields,
  RequestEncoder,
  withApplication,
} from '@esper/core'
import { ReadRequest } from '../request/read-request.js'
import type { TrackedActivity } from '../request/tracked-activity.js'

/** What is decided: a request, or an activity that is none. */
export type Subject = ReadRequest | TrackedActivity

/** Makes the records that policies read, as a bundle demands. */
export class EventEncoder {
  readonly #options: EncoderOptions
  readonly #requests: RequestEncoder

  constructor(options: EncoderOptions) {
    this.#options = options
    this.#requests = new RequestEncoder(options)
  }

  /** The record of what happened at `observedAt`, epoch milliseconds. */
  encode(subject: Subject, observedAt: number): Fields {
    if (subject instanceof ReadRequest) return this.#requests.encode(subject.input, observedAt)
    return encodeActivity(subject.activity, observedAt, this.#options)
  }

  /** The record completed by what the application has found out since. */
  complete(fields: Fields, known: ApplicationFields): Fields {
    return withApplication(fields, known, this.#options)
  }
}
