import type { Express, Request, Response } from 'express'
import { z } from 'zod'
import type { ListPart, ScopeKeys } from '../../contract/server-internal.js'
import { openEventStream } from '../../http/event-stream.js'
import { jsonBody } from '../../http/json-body.js'
import { DomainError } from '../../http/problem.js'
import { requireServiceToken } from '../../http/service-token.js'
import { validate } from '../../http/validation.js'
import type { ListPartStore } from '../lists/part-store.js'
import type { RevisionFeed } from '../revisions/feed.js'
import type { RevisionStore } from '../revisions/store.js'
import type { ScopeKeyStore } from '../scope-keys/store.js'
import { sourceIdShape } from '../shapes.js'
import type { TenantStoreOfTenants } from '../tenants/store.js'
import { type DevLogin, devLoginRoutes } from './dev-login-routes.js'

const HEARTBEAT_MS = 10_000
const BASE = '/internal/v1'

export interface InternalRoutesOptions {
  readonly serviceToken: string
  readonly tenants: TenantStoreOfTenants
  readonly revisions: RevisionStore
  readonly listParts: Pick<ListPartStore, 'find'>
  readonly scopeKeys: ScopeKeyStore
  readonly feed: RevisionFeed
  readonly stopping: AbortSignal
  readonly now: () => number
  /** Absent where nobody may sign in without an identity provider. */
  readonly devLogin?: DevLogin
}

/** What the other services ask of the server; see contract/server-internal.ts. */
export function internalRoutes(app: Express, options: InternalRoutesOptions): void {
  app.use(BASE, requireServiceToken(options.serviceToken), jsonBody(), (_request, response, next) => {
    response.setHeader('cache-control', 'no-store')
    next()
  })
  app.get(`${BASE}/tenants/:tenant_id/policy-sets/:revision`, (request, response) =>
    sendPolicySet(options, request, response),
  )
  app.get(`${BASE}/tenants/:tenant_id/list-parts/:sha256`, async (request, response) => {
    const { tenant_id, sha256 } = request.params
    const part = await options.listParts.find(tenant_id, sha256)
    if (part === undefined) throw new DomainError('not_found', 'No bundle of this tenant names a list with this hash.')
    response.json({ part } satisfies ListPart)
  })
  app.get(`${BASE}/tenants/:tenant_id/scopes/:counting_scope/keys`, async (request, response) => {
    response.json(await scopeKeysOf(options, request.params))
  })
  app.get(`${BASE}/stream`, (_request, response) => serveRevisions(options, response))
  if (options.devLogin !== undefined) devLoginRoutes(app, BASE, options.devLogin)
}

const revisionParam = z.union([z.literal('latest'), z.coerce.number().int().min(1)], {
  error: 'must be a revision number or "latest"',
})

async function sendPolicySet(
  { revisions }: InternalRoutesOptions,
  request: Request<{ tenant_id: string; revision: string }>,
  response: Response,
): Promise<void> {
  const { tenant_id, revision } = request.params
  const found = await revisions.content(tenant_id, validate(revisionParam, revision))
  if (found === undefined) throw new DomainError('not_found', 'There is no such policy set.')
  // As it was compiled, to the byte.
  response.type('application/json').send(found.json)
}

const scopeParam = z.union([
  z.literal('tenant'),
  z
    .string()
    .startsWith('source:')
    .transform((text) => `source:${sourceIdShape.parse(text.slice('source:'.length))}` as const),
])

async function scopeKeysOf(
  { tenants, scopeKeys }: InternalRoutesOptions,
  params: { tenant_id: string; counting_scope: string },
): Promise<ScopeKeys> {
  const { tenant_id } = params
  const counting_scope = validate(scopeParam, params.counting_scope)
  if ((await tenants.find(tenant_id)) === undefined) throw new DomainError('not_found', 'There is no such tenant.')
  const keys = await scopeKeys.ofScope(tenant_id, counting_scope)
  return {
    tenant_id,
    counting_scope,
    keys: keys.map(({ key, ...rest }) => ({ ...rest, key: key.toString('base64url') })),
  }
}

function serveRevisions({ feed, stopping, now }: InternalRoutesOptions, response: Response): void {
  const stream = openEventStream(response)
  const beat = () => stream.send({ event: 'heartbeat', data: JSON.stringify({ server_time: now() }) })
  const unsubscribe = feed.subscribe((revision) => stream.send({ event: 'revision', data: JSON.stringify(revision) }))
  const heartbeat = setInterval(beat, HEARTBEAT_MS)
  const close = () => stream.close()
  stopping.addEventListener('abort', close, { once: true })
  stream.closed.addEventListener('abort', () => {
    clearInterval(heartbeat)
    unsubscribe()
    stopping.removeEventListener('abort', close)
  })
  beat()
}
