import type { RequestInput } from '@esper/core'
import { ESPER_HEADERS } from '@esper/core'
import type { Visitor } from '../decide/client-text.js'
import type { RequestFacts } from '../enforce/reply.js'
import type { ClientAddress } from './client-address.js'
import { clearanceTokens, isLocalHost } from './request-parts.js'

/** What a framework knows of a request beyond the request itself. */
export interface RequestExtras {
  /** Path and query as they came, where the framework has since changed `request.url`. */
  readonly url?: string | undefined
  readonly route?: Readonly<Record<string, string>> | undefined
  /** The parsed body, when a parser ran first. */
  readonly body?: unknown
  /** Address of whoever is connected, for fetch requests: these do not know it. */
  readonly peer?: string | undefined
  /** Whether what a fetch-style application gives is its answer, for those that may pass a request on. Default: it is. */
  readonly isAnswer?: (response: Response) => boolean
  /** Keeps an edge runtime alive for what is to be done after the answer. */
  readonly waitUntil?: (promise: Promise<unknown>) => void
}

/** A request as Esper reads it: what deciding needs at once, everything else when it is asked for. */
export abstract class ReadRequest implements Visitor {
  readonly client: ClientAddress
  #input: RequestInput

  constructor(input: RequestInput, client: ClientAddress) {
    this.#input = input
    this.client = client
  }

  /** A header by its name in lower case. */
  abstract header(name: string): string | undefined

  /** Whether it came over TLS as far as the connection itself tells. */
  protected abstract readonly isEncrypted: boolean

  get input(): RequestInput {
    return this.#input
  }

  get address(): string | undefined {
    return this.client.address
  }

  get userAgent(): string {
    return this.header('user-agent') ?? ''
  }

  get sawForwardedFor(): boolean {
    return this.header('x-forwarded-for') !== undefined
  }

  /** Clearances the request carries, at most four in its cookies and one in its header. */
  get tokens(): readonly string[] {
    return clearanceTokens(this.header(ESPER_HEADERS.clearance), this.header('cookie'))
  }

  get facts(): RequestFacts {
    const { method, url } = this.#input
    return { method, url, accept: this.header('accept'), secFetchMode: this.header('sec-fetch-mode') }
  }

  /** Whether browsers keep secure cookies of its answer. */
  get secure(): boolean {
    if (this.isEncrypted || isLocalHost(this.#input.host)) return true
    // Only a proxy that is believed about the address is believed about the scheme.
    return this.client.source === 'forwarded' && this.header('x-forwarded-proto')?.trim() === 'https'
  }

  /** Adds what is found out before the request is decided. */
  complete(found: Pick<RequestInput, 'body' | 'origin'>): void {
    this.#input = { ...this.#input, ...found }
  }
}
