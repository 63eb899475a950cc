import { Agent, request } from 'node:http'

export interface VisitorOptions {
  readonly address: string
  readonly userAgent?: string
}

export interface VisitorAnswer {
  readonly status: number
  /** What Esper says it did: `block` or `challenge`. */
  readonly mitigation: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

export interface Visitor {
  get(path: string): Promise<VisitorAnswer>
  /** Sends the login form with a wrong password. */
  tryPassword(): Promise<VisitorAnswer>
  close(): void
}

/** Somebody who comes to the shop through the proxy on this machine, over one kept-alive connection. */
export function visitorOf(shopUrl: string, options: VisitorOptions): Visitor {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const own = {
    'x-forwarded-for': options.address,
    'user-agent': options.userAgent ?? 'Tests/1.0',
    accept: 'text/html',
  }

  function send(method: string, path: string, form?: string): Promise<VisitorAnswer> {
    const type = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, shopUrl), { agent, method, headers: { ...own, ...type }, timeout: 10_000 })
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer in 10 s`)))
      outgoing.on('error', reject)
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const mitigation = response.headers['esper-mitigation']
          resolve({
            status: response.statusCode ?? 0,
            mitigation: typeof mitigation === 'string' ? mitigation : undefined,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          })
        })
      })
      outgoing.end(form)
    })
  }

  return {
    get: (path) => send('GET', path),
    tryPassword: () => send('POST', '/login', 'email=ada%40example.com&password=wrong'),
    close: () => agent.destroy(),
  }
}
