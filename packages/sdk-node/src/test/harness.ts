import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Logger, silentLogger } from '@esper/core'
import { waitUntil } from '@esper/testkit'
import express, { type Express } from 'express'
import { esperExpress } from '../express.js'
import { createEsper, type Esper, type EsperOptions } from '../index.js'
import { policy } from './bundle-fixture.js'
import { ControlPlane, KEYID, SECRET } from './control-plane.js'

/** Keeps what is logged. */
export function keepingLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = []
  const keep = (level: string) => (message: string, data?: object) =>
    void lines.push(`${level} ${message} ${JSON.stringify(data ?? {})}`)
  return { logger: { ...silentLogger, info: keep('info'), warn: keep('warn'), error: keep('error') }, lines }
}

export interface Response {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A plain HTTP request, sent exactly as given. */
export function send(
  url: string,
  options: {
    readonly method?: string
    readonly headers?: Record<string, string | string[]>
    readonly body?: string
  } = {},
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options
    const call = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        })
      })
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end(body)
  })
}

export async function listen(handler: RequestListener): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no address.')
  return { server, url: `http://127.0.0.1:${address.port}` }
}

/** A control plane, and clients and applications in front of it, all ended together. */
export class Harness {
  readonly controlPlane = new ControlPlane()
  readonly folder = mkdtempSync(join(tmpdir(), 'esper-sdk-test-'))
  readonly #ends: (() => Promise<unknown>)[] = []

  async start(): Promise<this> {
    await this.controlPlane.start()
    return this
  }

  client(options: EsperOptions = {}): Esper {
    const esper = createEsper({
      url: this.controlPlane.url,
      keyId: KEYID,
      secret: SECRET,
      snapshotDir: this.folder,
      maxBatchAgeMs: 10,
      pollMs: 1_000,
      logger: silentLogger,
      ...options,
    })
    this.#ends.push(() => esper.close({ timeoutMs: 0 }))
    return esper
  }

  /** A client that has its bundle and its stream. */
  async ready(options: EsperOptions = {}): Promise<Esper> {
    const esper = this.client(options)
    await waitUntil(() => esper.status().sync.mode === 'stream', { everyMs: 5, what: 'the stream' })
    return esper
  }

  /** An Express application behind Esper, with `routes` after it. */
  async app(esper: Esper, routes: (app: Express) => void, before: (app: Express) => void = () => {}): Promise<string> {
    const app = express()
    before(app)
    app.use(esperExpress(esper))
    routes(app)
    const { server, url } = await listen(app)
    this.#ends.push(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return url
  }

  /** An application that answers everything with `ok`. */
  ok(esper: Esper): Promise<string> {
    return this.app(esper, (app) => void app.use((_request, response) => void response.send('ok')))
  }

  /** Blocks one path from the next bundle on. */
  deny(path: string): void {
    const deny = policy('deny', path, { mitigation_id: 'mit_block' })
    this.controlPlane.bundle = { ...this.controlPlane.bundle, policies: [deny] }
  }

  async end(): Promise<void> {
    await Promise.all(this.#ends.map((end) => end()))
    await this.controlPlane.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
