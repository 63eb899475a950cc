import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** Where batches arrive: stores each id once, as esper-server does, and keeps what came. */
export interface Intake {
  readonly url: URL
  /** Events of the batches stored, in the order of arrival. */
  events(): readonly Record<string, unknown>[]
  headers(): readonly Record<string, unknown>[]
  readonly requests: { count: number }
  /** Answers the next requests in place of storing the batch; `after` stores it and breaks the connection. */
  readonly next: (number | 'break after storing')[]
  close(): Promise<void>
}

export async function startIntake(): Promise<Intake> {
  const stored = new Map<string, readonly Record<string, unknown>[]>()
  const requests = { count: 0 }
  const next: (number | 'break after storing')[] = []
  const server = createServer(async (request, response) => {
    requests.count += 1
    const body = await buffer(request)
    const batchId = new URL(request.url ?? '', 'http://x').searchParams.get('batch_id') ?? ''
    const answer = next.shift()
    if (typeof answer === 'number') {
      response.writeHead(answer, { 'content-type': 'application/problem+json', 'retry-after': '0' }).end('{}')
      return
    }
    const duplicate = stored.has(batchId)
    if (!duplicate) stored.set(batchId, body.toString('utf8').split('\n').map(parse))
    if (answer === 'break after storing') {
      request.socket.destroy()
      return
    }
    response
      .writeHead(202, { 'content-type': 'application/json' })
      .end(JSON.stringify({ batch_id: batchId, duplicate }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    events: () => [...stored.values()].flatMap((lines) => lines.slice(1)),
    headers: () => [...stored.values()].flatMap((lines) => lines.slice(0, 1)),
    requests,
    next,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function parse(line: string): Record<string, unknown> {
  return JSON.parse(line)
}
