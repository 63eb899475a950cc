import type { IncomingMessage, ServerResponse } from 'node:http'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { IngestionClient } from '../../clients/ingestion-client.js'
import type { MitigationClient } from '../../clients/mitigation-client.js'
import type { Connection } from '../../database/types.js'
import { asDomainError, DomainError } from '../../http/problem.js'
import type { Module, Runtime } from '../../runtime/module.js'
import type { SdkApi, SdkApiDeps } from '../sdk-api-contract.js'
import { authoritiesOf } from './authorities.js'
import { createMitigationHub } from './mitigation-hub.js'
import { createOnceStore } from './once-store.js'
import { routeOf, type SdkRoute, sdkRoutes } from './routes.js'
import { sendSdkProblem } from './sdk-problem.js'
import { StreamServer } from './stream.js'
import { type VerifierOptions, verifyRequest } from './verify-request.js'

export interface SdkApiOptions extends SdkApiDeps {
  /** To the server's own database. */
  readonly connection: Connection
  readonly ingestion: Pick<IngestionClient, 'accept'>
  readonly mitigation: Pick<MitigationClient, 'deltas' | 'service'>
  readonly publicOrigins: readonly string[]
  readonly runtime: Pick<Runtime, 'logger' | 'metrics' | 'now' | 'stopping'>
  /** Modules that must have started before: the database's. */
  readonly needs?: readonly string[]
  readonly heartbeatMs?: number
  readonly maxStreams?: number
}

export interface SdkApiModule extends SdkApi, Module {}

const HEARTBEAT_MS = 10_000
const MAX_STREAMS = 5_000
const RETRY_AFTER_SECONDS = 2

/** The SDK API of esper-server: raw handlers over `node:http`, since what is signed are the bytes on the wire. */
export function createSdkApi(options: SdkApiOptions): SdkApiModule {
  const { runtime, connection, mitigation, heartbeatMs = HEARTBEAT_MS, maxStreams = MAX_STREAMS } = options
  const { now, stopping, logger } = runtime
  const nonces = createOnceStore(connection, { collection: 'signature_nonces', safely: false })
  const spent = createOnceStore(connection, { collection: 'spent_challenges', safely: true })
  const hub = createMitigationHub({ mitigation, logger })
  const streams = new StreamServer({ ...options, hub, stopping, logger, now, heartbeatMs, maxStreams })
  const verifier = { apiKeys: options.apiKeys, nonces, authorities: authoritiesOf(options.publicOrigins), now }
  const routes = sdkRoutes({ ...options, streams, spent, now })
  const answered = sdkMetrics(runtime.metrics, streams)

  return {
    name: 'sdk-api',
    needs: options.needs ?? [],
    handle: (request, response) => {
      if (request.url?.startsWith('/v1/') !== true) return false
      const { path, query } = targetOf(request.url)
      const [name, route] = routeOf(routes, path)
      response.once('close', () => answered(name, response.statusCode))
      answer({ request, response, query, path, route, verifier, options }).catch((thrown: unknown) => {
        const error = asDomainError(thrown)
        if (error.kind === 'internal') logger.error({ err: error.cause, path }, 'an SDK request failed')
        sendSdkProblem(response, patient(error), now())
      })
      return true
    },
    start: async () => {
      await nonces.createIndexes()
      await spent.createIndexes()
      hub.start()
    },
    stop: () => hub.close(),
  }
}

interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  readonly path: string
  readonly route: SdkRoute | undefined
  readonly verifier: VerifierOptions
  readonly options: Pick<SdkApiOptions, 'apiKeys'>
}

async function answer({ request, response, query, path, route, verifier, options }: Call): Promise<void> {
  if (route === undefined) throw new DomainError('route_not_found', `Nothing answers ${path.slice(0, 200)}.`)
  if (request.method !== route.method) {
    throw new DomainError('method_not_allowed', `${path} answers ${route.method} only.`, { status: 405 })
  }
  const verified = await verifyRequest(verifier, request, { maxBytes: route.maxBytes })
  options.apiKeys.markUsed(verified.key)
  await route.handle({ request, response, path, query, verified })
}

function targetOf(url: string): { readonly path: string; readonly query: URLSearchParams } {
  const mark = url.indexOf('?')
  if (mark < 0) return { path: url, query: new URLSearchParams() }
  return { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) }
}

/** What is down may be back soon: an SDK is told when to come again. A failing database is such a case. */
function patient(error: DomainError): DomainError {
  const isDown = error.kind === 'internal' && isDatabaseFailure(error.cause)
  if (error.kind !== 'unavailable' && !isDown) return error
  const code = isDown ? 'unavailable' : error.code
  const message = isDown ? 'The server cannot keep anything at the moment.' : error.message
  return new DomainError(code, message, { retryAfterSeconds: error.retryAfterSeconds ?? RETRY_AFTER_SECONDS })
}

function isDatabaseFailure(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('Mongo')
}

function sdkMetrics(registry: Registry, streams: StreamServer): (path: string, status: number) => void {
  const registers = [registry]
  const answered = new Counter({
    name: 'esper_sdk_api_requests_total',
    help: 'Requests of SDKs, by path and status.',
    labelNames: ['path', 'status'],
    registers,
  })
  new Gauge({
    name: 'esper_sdk_api_streams',
    help: 'Streams of SDKs that are open.',
    registers,
    collect() {
      this.set(streams.open)
    },
  })
  return (path, status) => answered.inc({ path, status })
}
