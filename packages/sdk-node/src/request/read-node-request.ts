import type { IncomingMessage } from 'node:http'
import { clientAddress } from './client-address.js'
import { firstRawHeader, rawHeader } from './raw-headers.js'
import { ReadRequest, type RequestExtras } from './read-request.js'
import type { TrustedProxies } from './request-parts.js'

class NodeRequest extends ReadRequest {
  readonly #message: IncomingMessage

  constructor(message: IncomingMessage, extras: RequestExtras, trust: TrustedProxies) {
    const { rawHeaders, socket, method = 'GET' } = message
    const forwardedFor = rawHeader(rawHeaders, 'x-forwarded-for')
    const client = clientAddress(extras.peer ?? socket.remoteAddress, forwardedFor, trust)
    const input = {
      method,
      url: extras.url ?? message.url ?? '/',
      host: firstRawHeader(rawHeaders, 'host'),
      headers: rawHeaders,
      clientIp: client.address,
      route: extras.route,
    }
    super(input, client)
    this.#message = message
  }

  header(name: string): string | undefined {
    return rawHeader(this.#message.rawHeaders, name)
  }

  protected get isEncrypted(): boolean {
    return Reflect.get(this.#message.socket, 'encrypted') === true
  }
}

/** Reads what Esper needs from a node:http request; takes nothing away from the application. */
export function readNodeRequest(message: IncomingMessage, extras: RequestExtras, trust: TrustedProxies): ReadRequest {
  return new NodeRequest(message, extras, trust)
}
