import { type ClientSession, type Connection, Schema } from 'mongoose'

export interface User {
  readonly user_id: string
  readonly name: string
  /** Verified by an identity provider, or the address of an invitation. */
  readonly email: string | null
  readonly avatar_url: string | null
}

/** Who a provider says it is. The pair is the identity; names and addresses are not. */
export interface Identity {
  readonly provider: string
  readonly subject: string
}

export interface UserStore {
  find(userId: string, session?: ClientSession): Promise<User | undefined>
  findByIdentity(identity: Identity, session?: ClientSession): Promise<User | undefined>
  findByEmail(email: string, session?: ClientSession): Promise<User | undefined>
  insert(user: User & { readonly created_at: Date }, session: ClientSession): Promise<void>
  addIdentity(userId: string, identity: Identity, session: ClientSession): Promise<void>
}

interface UserRow {
  _id: string
  user_id: string
  name: string
  email: string | null
  avatar_url: string | null
  created_at: Date
}

interface IdentityRow {
  _id: string
  user_id: string
}

export function createUserStore(connection: Connection): UserStore {
  const users = connection.model<UserRow>('users', userSchema(), 'users')
  const identities = connection.model<IdentityRow>('identities', identitySchema(), 'identities')
  const find = async (filter: { _id: string } | { email: string }, session: ClientSession | undefined) => {
    const row = await users
      .findOne(filter)
      .session(session ?? null)
      .lean()
    return row === null ? undefined : toUser(row)
  }
  return {
    find: (userId, session) => find({ _id: userId }, session),
    findByEmail: (email, session) => find({ email }, session),
    findByIdentity: async (identity, session) => {
      const row = await identities
        .findById(identityKey(identity))
        .session(session ?? null)
        .lean()
      return row === null ? undefined : find({ _id: row.user_id }, session)
    },
    insert: async (user, session) => {
      await users.insertMany([{ ...user, _id: user.user_id }], { session })
    },
    addIdentity: async (userId, identity, session) => {
      await identities.insertMany([{ _id: identityKey(identity), user_id: userId }], { session })
    },
  }
}

function toUser({ user_id, name, email, avatar_url }: UserRow): User {
  return { user_id, name, email, avatar_url }
}

/** As JSON, so that no pair can be read as another. */
function identityKey({ provider, subject }: Identity): string {
  return JSON.stringify([provider, subject])
}

function userSchema(): Schema<UserRow> {
  const schema = new Schema<UserRow>(
    {
      _id: { type: String, required: true },
      user_id: { type: String, required: true },
      name: { type: String, required: true },
      email: { type: String, default: null },
      avatar_url: { type: String, default: null },
      created_at: { type: Date, required: true },
    },
    { versionKey: false, id: false },
  )
  schema.index({ email: 1 })
  return schema
}

function identitySchema(): Schema<IdentityRow> {
  return new Schema<IdentityRow>(
    { _id: { type: String, required: true }, user_id: { type: String, required: true } },
    { versionKey: false, id: false },
  )
}
