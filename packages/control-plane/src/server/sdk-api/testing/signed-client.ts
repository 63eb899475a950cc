import { createHash, createHmac, type KeyObject, randomBytes } from 'node:crypto'
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { contentDigest, type RequestSignatureParams, type SignedRequest, signRequest } from '@esper/core'

export interface Signer {
  /** `<api_key_id>.<version>`. */
  readonly keyId: string
  readonly key: Buffer | KeyObject
}

export interface Outgoing {
  readonly method?: string
  /** With its query. */
  readonly path: string
  readonly body?: Buffer | string
  readonly contentType?: string
  readonly contentEncoding?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly authority?: string
  readonly params?: Partial<RequestSignatureParams>
}

export interface OnWire {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Buffer | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  json(): unknown
}

/** A request as an SDK would send it; tests then change what they like before it goes out. */
export function signed(url: string, signer: Signer, outgoing: Outgoing): OnWire {
  const { method = outgoing.body === undefined ? 'GET' : 'POST', path, contentEncoding } = outgoing
  const body = outgoing.body === undefined ? undefined : Buffer.from(outgoing.body)
  const mark = path.indexOf('?')
  const parts: SignedRequest = {
    method,
    authority: outgoing.authority ?? new URL(url).host,
    path: mark < 0 ? path : path.slice(0, mark),
    query: mark < 0 ? '' : path.slice(mark),
    ...(body === undefined
      ? {}
      : {
          contentDigest: contentDigest(createHash('sha256').update(body).digest('base64')),
          contentType: outgoing.contentType ?? 'application/x-ndjson',
        }),
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
  }
  const params = {
    created: Math.floor(Date.now() / 1_000),
    nonce: randomBytes(18).toString('base64url'),
    keyid: signer.keyId,
    ...outgoing.params,
  }
  const signature = signRequest(parts, params, (text) => createHmac('sha256', signer.key).update(text).digest('base64'))
  const headers: Record<string, string> = { host: new URL(url).host, ...outgoing.headers, ...signature }
  if (parts.contentDigest !== undefined) headers['content-digest'] = parts.contentDigest
  if (parts.contentType !== undefined) headers['content-type'] = parts.contentType
  if (contentEncoding !== undefined) headers['content-encoding'] = contentEncoding
  return { method, path, headers, body }
}

/** Sends exactly this. */
export async function sendRaw(url: string, { method, path, headers, body }: OnWire): Promise<Answer> {
  const response = await openRaw(url, { method, path, headers, body })
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(Buffer.from(chunk))
  const text = Buffer.concat(chunks).toString('utf8')
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: () => JSON.parse(text),
  }
}

/** Sends exactly this and leaves the answer's body to be read. */
export function openRaw(url: string, { method, path, headers, body }: OnWire): Promise<IncomingMessage> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
    )
    const request = httpRequest({ hostname, port, method, path, headers: sent, agent: false }, resolve)
    request.on('error', reject)
    request.end(body)
  })
}
