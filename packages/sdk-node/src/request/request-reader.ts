import type { IncomingMessage } from 'node:http'
import type { AddressOrigin } from '@esper/core'
import type { AddressWatch } from './client-address.js'
import { readFetchRequest } from './read-fetch-request.js'
import { readNodeRequest } from './read-node-request.js'
import type { ReadRequest, RequestExtras } from './read-request.js'
import type { TrustedProxies } from './request-parts.js'
import { readActivity, type TrackedActivity, type TrackFields } from './tracked-activity.js'

export interface RequestReaderOptions {
  readonly trust: TrustedProxies
  readonly addresses: AddressWatch
  /** What is known of addresses; undefined without a database. Must not throw. */
  readonly origins: { lookUp(address: string): AddressOrigin } | undefined
}

/** Reads requests of every kind, and notes where their addresses come from. */
export class RequestReader {
  readonly #options: RequestReaderOptions

  constructor(options: RequestReaderOptions) {
    this.#options = options
  }

  node(message: IncomingMessage, extras: RequestExtras): ReadRequest {
    return this.#noted(readNodeRequest(message, extras, this.#options.trust))
  }

  fetch(request: Request, extras: RequestExtras): ReadRequest {
    return this.#noted(readFetchRequest(request, extras, this.#options.trust))
  }

  activity(action: string, fields: TrackFields): TrackedActivity {
    const tracked = readActivity(action, fields)
    const origin = this.#originOf(tracked.address)
    return origin === undefined ? tracked : { ...tracked, activity: { ...tracked.activity, origin } }
  }

  #noted(request: ReadRequest): ReadRequest {
    this.#options.addresses.note(request.client, request.sawForwardedFor)
    const origin = this.#originOf(request.address)
    if (origin !== undefined) request.complete({ origin })
    return request
  }

  #originOf(address: string | undefined): AddressOrigin | undefined {
    return address === undefined ? undefined : this.#options.origins?.lookUp(address)
  }
}
