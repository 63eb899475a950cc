import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type CountingScope, type PolicySetContent, SHARED_KEY_PURPOSES } from '@esper/core'
import { type EventStream, openEventStream } from '../http/event-stream.js'

export interface PolicyServer {
  readonly url: string
  /** Puts a policy set in force and announces it; `parts` are kept for its lists, by their hash. */
  publish(content: PolicySetContent, parts?: ReadonlyMap<string, string>): void
  /** Paths of the parts of lists that were asked for. */
  readonly askedParts: readonly string[]
  /** How often a policy set was asked for. */
  readonly asked: number
  close(): Promise<void>
}

/** The key of a scope's purpose, the same for all tests. */
export function testScopeKey(tenantId: string, scope: CountingScope, purpose: string): Buffer {
  return createHash('sha256').update(`${tenantId} ${scope} ${purpose}`).digest()
}

/** What the engine asks of esper-server, with the policy sets that a test gives. */
export async function startPolicyServer(): Promise<PolicyServer> {
  const contents = new Map<string, PolicySetContent>()
  const latest = new Map<string, number>()
  const streams = new Set<EventStream>()
  const parts = new Map<string, string>()
  const askedParts: string[] = []
  const state = { asked: 0 }
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').replace('/internal/v1', '')
    if (path === '/stream') {
      const stream = openEventStream(response)
      streams.add(stream)
      stream.send({ event: 'heartbeat', data: '{}' })
      return
    }
    const [, tenantId = '', kind, which = ''] =
      /^\/tenants\/([^/]+)\/(policy-sets|scopes|list-parts)\/([^/]+)/.exec(path) ?? []
    if (kind === 'scopes') return sendKeys(response, tenantId, which)
    if (kind === 'list-parts') {
      askedParts.push(`${tenantId} ${which}`)
      const part = parts.get(`${tenantId} ${which}`)
      return send(response, part === undefined ? undefined : { part })
    }
    state.asked += 1
    const revision = which === 'latest' ? latest.get(tenantId) : Number(which)
    return send(response, contents.get(`${tenantId}:${revision}`))
  })
  const url = await listen(server)
  return {
    url,
    get asked() {
      return state.asked
    },
    askedParts,
    publish(content, given = new Map()) {
      for (const [sha256, part] of given) parts.set(`${content.tenant_id} ${sha256}`, part)
      contents.set(`${content.tenant_id}:${content.revision}`, content)
      latest.set(content.tenant_id, content.revision)
      const data = JSON.stringify({ tenant_id: content.tenant_id, revision: content.revision })
      for (const stream of streams) stream.send({ event: 'revision', data })
    },
    close: async () => {
      for (const stream of streams) stream.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function sendKeys(response: ServerResponse<IncomingMessage>, tenantId: string, scope: string): void {
  const countingScope: CountingScope = scope === 'tenant' ? 'tenant' : `source:${scope.slice('source:'.length)}`
  const keys = SHARED_KEY_PURPOSES.map((purpose) => ({
    purpose,
    key_id: 'k1',
    state: 'current',
    key: testScopeKey(tenantId, countingScope, purpose).toString('base64url'),
  }))
  send(response, { tenant_id: tenantId, counting_scope: countingScope, keys })
}

function send(response: ServerResponse<IncomingMessage>, value: unknown): void {
  const missing = { code: 'not_found', detail: 'There is no such policy set.' }
  response.writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value ?? missing))
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address !== null) resolve(`http://127.0.0.1:${address.port}`)
    })
  })
}
