import type { IncomingMessage } from 'node:http'
import type { AddressWatch } from './client-address.js'
import { readFetchRequest } from './read-fetch-request.js'
import { type ReadRequest, type RequestExtras, readRequest } from './read-request.js'
import type { TrustedProxies } from './request-parts.js'

/** Reads requests of every kind, and notes where their addresses come from. */
export class RequestReader {
  readonly #trust: TrustedProxies
  readonly #addresses: AddressWatch

  constructor(trust: TrustedProxies, addresses: AddressWatch) {
    this.#trust = trust
    this.#addresses = addresses
  }

  node(message: IncomingMessage, extras: RequestExtras): ReadRequest {
    return this.#noted(readRequest(message, extras, this.#trust))
  }

  fetch(request: Request, extras: RequestExtras): ReadRequest {
    return this.#noted(readFetchRequest(request, extras, this.#trust))
  }

  #noted(request: ReadRequest): ReadRequest {
    this.#addresses.note(request.client, request.sawForwardedFor)
    return request
  }
}
