import { clientAddress } from './client-address.js'
import { ReadRequest, type RequestExtras } from './read-request.js'
import type { TrustedProxies } from './request-parts.js'

class FetchRequest extends ReadRequest {
  readonly #request: Request

  constructor(request: Request, extras: RequestExtras, trust: TrustedProxies) {
    const { headers, method, url } = request
    const client = clientAddress(extras.peer, headers.get('x-forwarded-for') ?? undefined, trust)
    const input = {
      method,
      url: extras.url ?? target(url),
      host: headers.get('host') ?? new URL(url).host,
      headers: [...headers].flat(),
      clientIp: client.address,
      route: extras.route,
    }
    super(input, client)
    this.#request = request
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined
  }

  protected get isEncrypted(): boolean {
    return this.#request.url.startsWith('https:')
  }
}

/** Path and query of a URL as they stand in it. */
function target(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  const end = url.indexOf('#')
  return start === -1 ? '/' : url.slice(start, end === -1 ? undefined : end)
}

/** Reads what Esper needs from a fetch request; takes nothing away from the application. */
export function readFetchRequest(request: Request, extras: RequestExtras, trust: TrustedProxies): ReadRequest {
  return new FetchRequest(request, extras, trust)
}
