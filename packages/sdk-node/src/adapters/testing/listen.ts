import { createServer, type RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import type { RunningApplication } from './adapter-suite.js'

/** Serves an application on a port of its own. */
export async function serve(listener: RequestListener): Promise<RunningApplication> {
  const server = createServer({ maxHeaderSize: 262_144 }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no address.')
  const close = async () => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { url: `http://127.0.0.1:${address.port}`, close }
}

/** A body as an application without a parser reads it. */
export async function textOf(message: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** Serves a fetch-style application; what Node knows and a fetch request does not is the second parameter. */
export function serveFetch(respond: (request: Request, peer: string | undefined) => Promise<Response>) {
  return serve((message, response) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const headers = new Headers()
    const { rawHeaders, method = 'GET', url = '/' } = message
    for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
    const hasBody = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'
    const request = new Request(`http://${message.headers.host}${url}`, {
      method,
      headers,
      signal: gone.signal,
      ...(hasBody ? { body: Readable.toWeb(message), duplex: 'half' } : {}),
    })
    respond(request, message.socket.remoteAddress).then(
      async (answer) => {
        response.writeHead(answer.status, [...answer.headers].flat())
        response.end(Buffer.from(await answer.arrayBuffer()))
      },
      () => response.writeHead(500).end(),
    )
  })
}
