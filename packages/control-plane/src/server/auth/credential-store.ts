import { createHash, randomBytes } from 'node:crypto'
import mongoose, { type Connection, Schema } from 'mongoose'

/** A sign-in that a browser holds by its cookie. */
export interface Session {
  readonly user_id: string
  readonly created_at: Date
  readonly last_seen_at: Date
  readonly expires_at: Date
}

export interface LoginLink {
  readonly user_id: string
  readonly return_to: string
  readonly expires_at: Date
}

export interface OperatorToken {
  readonly user_id: string
  readonly name: string
  readonly expires_at: Date
}

/**
 * Sessions, one-time links and operator tokens. Each is known by the SHA-256 of what its holder shows, so that a copy of
 * the database signs nobody in. The random part has 256 bits: a plain hash is enough.
 */
export interface CredentialStore {
  addSession(secret: string, session: Session): Promise<void>
  findSession(secret: string): Promise<Session | undefined>
  touchSession(secret: string, at: Date): Promise<void>
  removeSession(secret: string): Promise<void>
  addLoginLink(secret: string, link: LoginLink): Promise<void>
  /** The link, once: whoever asks again gets nothing. */
  takeLoginLink(secret: string): Promise<LoginLink | undefined>
  addOperatorToken(secret: string, token: OperatorToken): Promise<void>
  findOperatorToken(secret: string): Promise<OperatorToken | undefined>
}

export function newCredential(prefix = ''): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`
}

export function createCredentialStore(connection: Connection): CredentialStore {
  const sessions = connection.model('sessions', sessionSchema(), 'sessions')
  const links = connection.model('login_links', linkSchema(), 'login_links')
  const tokens = connection.model('operator_tokens', tokenSchema(), 'operator_tokens')
  return {
    addSession: async (secret, session) => void (await sessions.insertMany([{ ...session, _id: digest(secret) }])),
    findSession: async (secret) => (await sessions.findById(digest(secret)).lean()) ?? undefined,
    touchSession: async (secret, at) => {
      // Only forward: an answer that was late must not shorten a session.
      const filter = { _id: digest(secret), last_seen_at: mongoose.trusted({ $lt: at }) }
      await sessions.updateOne(filter, { $set: { last_seen_at: at } })
    },
    removeSession: async (secret) => void (await sessions.deleteOne({ _id: digest(secret) })),
    addLoginLink: async (secret, link) => void (await links.insertMany([{ ...link, _id: digest(secret) }])),
    takeLoginLink: async (secret) => (await links.findOneAndDelete({ _id: digest(secret) }).lean()) ?? undefined,
    addOperatorToken: async (secret, token) => void (await tokens.insertMany([{ ...token, _id: digest(secret) }])),
    findOperatorToken: async (secret) => (await tokens.findById(digest(secret)).lean()) ?? undefined,
  }
}

function digest(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex')
}

const text = { type: String, required: true } as const
const time = { type: Date, required: true } as const
const shape = { versionKey: false, id: false } as const
/** The time is checked when a credential is shown; the index only cleans up. */
const cleanUp = { expireAfterSeconds: 0 } as const

function sessionSchema(): Schema<Session & { _id: string }> {
  const fields = { _id: text, user_id: text, created_at: time, last_seen_at: time, expires_at: time }
  return new Schema<Session & { _id: string }>(fields, shape).index({ expires_at: 1 }, cleanUp)
}

function linkSchema(): Schema<LoginLink & { _id: string }> {
  const fields = { _id: text, user_id: text, return_to: text, expires_at: time }
  return new Schema<LoginLink & { _id: string }>(fields, shape).index({ expires_at: 1 }, cleanUp)
}

function tokenSchema(): Schema<OperatorToken & { _id: string }> {
  const fields = { _id: text, user_id: text, name: text, expires_at: time }
  return new Schema<OperatorToken & { _id: string }>(fields, shape).index({ expires_at: 1 }, cleanUp)
}
