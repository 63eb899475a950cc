import { isDuplicateKey, withTransaction } from '../../database/transaction.js'
import type { Connection } from '../../database/types.js'
import { DomainError } from '../../http/problem.js'
import type { AuditActor } from '../audit/schema.js'
import { newId } from '../ids.js'
import type { OperatorTokenStore } from '../operator-tokens/store.js'
import type { CallerLimits } from '../routing/route.js'
import type { Identity, User, UserStore } from '../users/store.js'
import { type CredentialStore, newCredential } from './credential-store.js'

const MINUTE_MS = 60_000
export const LOGIN_LINK_MS = 15 * MINUTE_MS
export const SESSION_IDLE_MS = 60 * MINUTE_MS
export const SESSION_ABSOLUTE_MS = 12 * 60 * MINUTE_MS
/** How exactly "last seen" is kept: not one write a request. */
const TOUCH_EVERY_MS = MINUTE_MS

/** Who shows a credential that holds. */
export interface Principal {
  readonly user: User
  readonly actor: AuditActor
  readonly limits?: CallerLimits
}

export interface SignInOptions {
  readonly connection: Connection
  readonly users: UserStore
  readonly credentials: CredentialStore
  readonly operatorTokens: OperatorTokenStore
  readonly now: () => number
}

export interface SignIn {
  /** A link that signs in once, for the person this identity names. */
  issueLink(
    identity: Identity,
    options: { name: string; returnTo: string },
  ): Promise<{ code: string; expires_at: Date }>
  /** Spends a link; the session it opens and where to go. */
  spendLink(code: string): Promise<{ session: string; returnTo: string }>
  issueToken(
    identity: Identity,
    options: { name: string; ttlSeconds: number },
  ): Promise<{ token: string; expires_at: Date }>
  bySession(session: string): Promise<Principal | undefined>
  byToken(token: string): Promise<Principal | undefined>
  signOut(session: string): Promise<void>
}

export function createSignIn(options: SignInOptions): SignIn {
  const { connection, users, credentials, now } = options
  const personOf = (identity: Identity, name: string) => findOrAddPerson({ connection, users, now }, identity, name)

  return {
    issueLink: async (identity, { name, returnTo }) => {
      const { user_id } = await personOf(identity, name)
      const code = newCredential()
      const expires_at = new Date(now() + LOGIN_LINK_MS)
      await credentials.addLoginLink(code, { user_id, return_to: returnTo, expires_at })
      return { code, expires_at }
    },
    spendLink: async (code) => {
      const link = await credentials.takeLoginLink(code)
      if (link === undefined || link.expires_at.getTime() <= now()) {
        throw new DomainError(
          'login_link_invalid',
          'This sign-in link was used before or is too old. Ask for a new one.',
        )
      }
      const session = newCredential()
      const at = new Date(now())
      const expires_at = new Date(now() + SESSION_ABSOLUTE_MS)
      await credentials.addSession(session, { user_id: link.user_id, created_at: at, last_seen_at: at, expires_at })
      return { session, returnTo: link.return_to }
    },
    issueToken: async (identity, { name, ttlSeconds }) => {
      const { user_id } = await personOf(identity, name)
      const token = newCredential('eop_')
      const expires_at = new Date(now() + ttlSeconds * 1_000)
      await credentials.addOperatorToken(token, { user_id, name, expires_at })
      return { token, expires_at }
    },
    bySession: async (secret) => {
      const session = await credentials.findSession(secret)
      if (session === undefined || isOver(session, now())) return undefined
      const user = await users.find(session.user_id)
      if (user === undefined) return undefined
      if (now() - session.last_seen_at.getTime() >= TOUCH_EVERY_MS) {
        await credentials.touchSession(secret, new Date(now()))
      }
      return { user, actor: { type: 'user', user_id: user.user_id, name: user.name, via: 'session' } }
    },
    byToken: async (secret) => {
      const limited = await byTenantToken(options, secret)
      if (limited !== undefined) return limited
      const token = await credentials.findOperatorToken(secret)
      if (token === undefined || token.expires_at.getTime() <= now()) return undefined
      const user = await users.find(token.user_id)
      if (user === undefined) return undefined
      return { user, actor: { type: 'operator_token', user_id: user.user_id, name: user.name, via: 'bearer' } }
    },
    signOut: (session) => credentials.removeSession(session),
  }
}

/** A token of one tenant speaks for whoever made it, and for no more than it was made for. */
async function byTenantToken(
  { operatorTokens, users, now }: SignInOptions,
  secret: string,
): Promise<Principal | undefined> {
  const token = await operatorTokens.lookup(secret)
  if (token === undefined || Date.parse(token.expires_at) <= now()) return undefined
  const user = await users.find(token.user_id)
  if (user === undefined) return undefined
  const { tenant_id: tenantId, operator_token_id, last_used_at, role, name } = token
  if (last_used_at === null || now() - Date.parse(last_used_at) >= TOUCH_EVERY_MS) {
    await operatorTokens.touch(tenantId, operator_token_id, new Date(now()))
  }
  const via = `token "${name}"`
  return {
    user,
    actor: { type: 'operator_token', user_id: user.user_id, name: user.name, via },
    limits: { tenantId, role },
  }
}

type People = Pick<SignInOptions, 'connection' | 'users' | 'now'>

async function findOrAddPerson({ connection, users, now }: People, identity: Identity, name: string): Promise<User> {
  const known = await users.findByIdentity(identity)
  if (known !== undefined) return known
  const user: User = { user_id: newId('usr'), name, email: null, avatar_url: null }
  try {
    await withTransaction(connection, async (session) => {
      await users.addIdentity(user.user_id, identity, session)
      await users.insert({ ...user, created_at: new Date(now()) }, session)
    })
    return user
  } catch (error) {
    // Somebody signed in as the same person at the same moment and was first.
    const other = isDuplicateKey(error) ? await users.findByIdentity(identity) : undefined
    if (other === undefined) throw error
    return other
  }
}

function isOver(session: { last_seen_at: Date; expires_at: Date }, now: number): boolean {
  return session.expires_at.getTime() <= now || session.last_seen_at.getTime() + SESSION_IDLE_MS <= now
}
