import mongoose, { type ClientSession, type Connection, Schema } from 'mongoose'
import { inTenant } from '../../database/tenant-scope.js'

/** Parts of lists by their hash. A part is kept as long as a bundle in force names it, or events may come that met such a one. */
export interface ListPartStore {
  find(tenantId: string, sha256: string): Promise<string | undefined>
  /** Keeps a part; `read` is asked only for one that is not there. */
  keep(part: KeptPart, session: ClientSession): Promise<void>
  /** Lets parts go that no bundle names any more: they are gone after that time, unless they are kept again. */
  letGo(parts: ReleasedParts, session: ClientSession): Promise<void>
  removeAll(tenantId: string, session: ClientSession): Promise<void>
}

export interface KeptPart {
  readonly tenantId: string
  readonly sha256: string
  readonly read: () => Promise<string>
}

export interface ReleasedParts {
  readonly tenantId: string
  readonly hashes: readonly string[]
  readonly goneAt: Date
}

interface PartRow {
  _id: string
  tenant_id: string
  sha256: string
  part: string
  /** For the index that removes it; null while a bundle in force names it. */
  gone_at: Date | null
}

export function createListPartStore(connection: Connection): ListPartStore {
  const model = connection.model<PartRow>('list_parts', partSchema(), 'list_parts')
  const of = (tenantId: string, sha256: string) => inTenant({ tenant_id: tenantId }, { _id: `${tenantId}:${sha256}` })
  return {
    find: async (tenantId, sha256) => (await model.findOne(of(tenantId, sha256)).lean())?.part,
    keep: async ({ tenantId, sha256, read }, session) => {
      const filter = of(tenantId, sha256)
      const { matchedCount } = await model.updateOne(filter, { $set: { gone_at: null } }).session(session)
      if (matchedCount > 0) return
      const row = { _id: `${tenantId}:${sha256}`, tenant_id: tenantId, sha256, part: await read(), gone_at: null }
      await model.insertMany([row], { session })
    },
    letGo: async ({ tenantId, hashes, goneAt }, session) => {
      if (hashes.length === 0) return
      const filter = inTenant({ tenant_id: tenantId }, { sha256: mongoose.trusted({ $in: [...hashes] }) })
      await model.updateMany(filter, { $set: { gone_at: goneAt } }).session(session)
    },
    removeAll: async (tenantId, session) => {
      await model.deleteMany(inTenant({ tenant_id: tenantId }, {})).session(session)
    },
  }
}

function partSchema(): Schema<PartRow> {
  const text = { type: String, required: true }
  const schema = new Schema<PartRow>(
    { _id: text, tenant_id: text, sha256: text, part: text, gone_at: { type: Date, default: null } },
    { versionKey: false, id: false },
  )
  schema.index({ tenant_id: 1, sha256: 1 })
  return schema.index({ gone_at: 1 }, { expireAfterSeconds: 0 })
}
