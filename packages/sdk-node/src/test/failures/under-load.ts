import { Agent, createServer, type RequestListener, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import express from 'express'
import { esperExpress } from '../../express.js'
import type { Esper } from '../../index.js'

const ROUNDS = 5
const REQUESTS = 120

/** What an application under load showed, with and without Esper, in one run. */
export interface Comparison {
  /** p99 with Esper ÷ p99 without, the median of the rounds. */
  readonly ratio: number
  /** Milliseconds of p99 with Esper beyond that without, the median of the rounds. */
  readonly moreMs: number
  /** Answers that differed from those without Esper. */
  readonly different: number
  /** Bytes of heap more after the load than after its first round, garbage collected. */
  readonly heapGrowth: number
}

export type Kind = 'node:http' | 'express'
export const KINDS: readonly Kind[] = ['node:http', 'express']

interface Running {
  readonly port: number
  close(): Promise<void>
}

/** The same application twice: one bare, one behind Esper, each on real sockets. */
export class Applications {
  readonly #bare: Running
  readonly #guarded: Running
  readonly #agent = new Agent({ keepAlive: true })

  private constructor(bare: Running, guarded: Running) {
    this.#bare = bare
    this.#guarded = guarded
  }

  static async start(kind: Kind, esper: Esper): Promise<Applications> {
    return new Applications(await listen(application(kind, undefined)), await listen(application(kind, esper)))
  }

  /** The port of the application behind Esper. */
  get port(): number {
    return this.#guarded.port
  }

  /** The port of the same application without. */
  get barePort(): number {
    return this.#bare.port
  }

  /**
   * Loads both without a pause, request by request in turns: what else the machine does meets both alike, and what Esper
   * does in a request, or blocks the process with, is in that request's own time.
   */
  async compare(): Promise<Comparison> {
    await this.#load()
    const rounds: Round[] = []
    let firstHeap = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      rounds.push(await this.#load())
      if (round === 0) firstHeap = heapUsed()
    }
    return {
      ratio: median(rounds.map(({ bare, guarded }) => p99(guarded.times) / p99(bare.times))),
      moreMs: median(rounds.map(({ bare, guarded }) => p99(guarded.times) - p99(bare.times))),
      different: rounds.reduce((sum, round) => sum + differences(round), 0),
      heapGrowth: heapUsed() - firstHeap,
    }
  }

  async close(): Promise<void> {
    this.#agent.destroy()
    await Promise.all([this.#bare.close(), this.#guarded.close()])
  }

  async #load(): Promise<Round> {
    const round: Round = { bare: { times: [], answers: [] }, guarded: { times: [], answers: [] } }
    for (let n = 0; n < REQUESTS; n += 1) {
      for (const [side, port] of [
        ['bare', this.barePort],
        ['guarded', this.port],
      ] as const) {
        const started = performance.now()
        round[side].answers.push(await ask(port, n, this.#agent))
        round[side].times.push(performance.now() - started)
      }
    }
    return round
  }
}

interface Side {
  readonly times: number[]
  readonly answers: string[]
}

interface Round {
  readonly bare: Side
  readonly guarded: Side
}

function p99(times: readonly number[]): number {
  const sorted = [...times].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0
}

function differences({ bare, guarded }: Round): number {
  return bare.answers.filter((answer, n) => answer !== guarded.answers[n]).length
}

/** Whether p99 is within what one machine's noise explains. */
export function isWithinNoise({ ratio, moreMs }: Comparison): boolean {
  return ratio < 3 || moreMs < 5
}

function ask(port: number, n: number, agent: Agent): Promise<string> {
  const body = n % 3 === 0 ? `{"user":"u${n}"}` : undefined
  const options = {
    host: '127.0.0.1',
    port,
    agent,
    method: body === undefined ? 'GET' : 'POST',
    path: `/items/${n}?page=${n % 7}`,
    headers: { 'user-agent': 'load/1', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
  }
  return new Promise((resolve, reject) => {
    const call = request(options, (response) => {
      let text = `${response.statusCode} `
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end(body)
  })
}

/** An application that says what it was asked, and reads its bodies itself. */
function application(kind: Kind, esper: Esper | undefined): RequestListener {
  if (kind === 'express') {
    const app = express()
    if (esper !== undefined) app.use(esperExpress(esper))
    app.use(express.json())
    app.use((req, response) => void response.json({ at: req.originalUrl, body: req.body ?? null }))
    return app
  }
  const handler: RequestListener = (message, response) => {
    let body = ''
    message.on('data', (chunk: Buffer) => {
      body += chunk.toString('latin1')
    })
    message.on('end', () => response.end(JSON.stringify({ at: message.url, body })))
  }
  if (esper === undefined) return handler
  return (message, response) => esper.handle(message, response, () => handler(message, response))
}

async function listen(handler: RequestListener): Promise<Running> {
  const server = createServer({ maxHeaderSize: 262_144, keepAliveTimeout: 60_000 }, handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no address.')
  const close = async () => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { port: address.port, close }
}

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

function heapUsed(): number {
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((one, other) => one - other)
  return sorted[sorted.length >> 1] ?? 0
}
