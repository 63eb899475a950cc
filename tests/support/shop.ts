import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort, waitUntil } from '@esper/testkit'
import { type ApiRecord, type Operator, textOf } from './operator.js'

const MAIN = fileURLToPath(new URL('../../examples/express-app/src/main.mjs', import.meta.url))
export const COUNTING_APP = fileURLToPath(new URL('./counting-app.mjs', import.meta.url))

export interface ShopOptions {
  readonly apiUrl: string
  /** The answer to creating an API key. */
  readonly key: ApiRecord
  /** Another application than the demo shop. */
  readonly main?: string
}

export interface Shop {
  readonly url: string
  /** What it printed. */
  output(): string
  /** Ends it as an operator would; queued events are delivered first. */
  stop(): Promise<void>
}

/** The demo shop as a process of its own, with this key; without options, without Esper. */
export async function startShop(options?: ShopOptions): Promise<Shop> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const esper = options && {
    ESPER_URL: options.apiUrl,
    ESPER_KEY_ID: textOf(options.key, 'key_id'),
    ESPER_SECRET: textOf(options.key, 'secret'),
  }
  const child = spawn(process.execPath, [options?.main ?? MAIN], {
    env: { PATH: process.env.PATH, PORT: String(port), ...esper },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await waitUntil(() => ended(child) || printed.includes(url), { what: 'the shop', timeoutMs: 15_000 })
  if (ended(child)) throw new Error(`The shop ended: ${printed}`)
  return { url, output: () => printed, stop: () => stop(child) }
}

/** Waits until a source's SDKs all work with the tenant's latest revision. */
export async function untilLive(operator: Operator, tenantId: string, sourceId: string): Promise<void> {
  await waitUntil(
    async () => {
      const [latest] = await operator.items(`tenants/${tenantId}/revisions?limit=1`)
      const sources = await operator.items(`tenants/${tenantId}/sources`)
      const source = sources.find((candidate) => candidate.source_id === sourceId)
      return latest !== undefined && source !== undefined && source.revision === latest.revision
    },
    { what: `source ${sourceId} at the latest revision`, timeoutMs: 20_000, everyMs: 100 },
  )
}

function ended(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function stop(child: ChildProcess): Promise<void> {
  if (ended(child)) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
