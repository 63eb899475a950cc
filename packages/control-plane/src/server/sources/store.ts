import mongoose, { type ClientSession, type Connection, Schema } from 'mongoose'
import { inTenant } from '../../database/tenant-scope.js'
import type { SdkSighting } from '../sdk-api-contract.js'

/** One SDK process as it was last seen. */
export interface SdkInstance {
  readonly source_id: string
  readonly instance_id: string
  readonly sdk: string
  readonly revision: number
  readonly loss: Readonly<Record<string, number>>
  readonly last_seen_at: Date
}

export interface SourceStore {
  put(sighting: SdkSighting): Promise<void>
  ofTenant(tenantId: string, since: Date): Promise<readonly SdkInstance[]>
  removeAll(tenantId: string, session: ClientSession): Promise<void>
}

interface InstanceRow {
  _id: string
  tenant_id: string
  source_id: string
  instance_id: string
  sdk: string
  revision: number
  loss: Record<string, number>
  last_seen_at: Date
}

const KEPT_SECONDS = 7 * 86_400
/** What a listing looks at; more processes than this are counted no further. */
const MOST_INSTANCES = 5_000

export function createSourceStore(connection: Connection): SourceStore {
  const model = connection.model<InstanceRow>('sdk_instances', instanceSchema(), 'sdk_instances')
  return {
    put: async ({ tenant_id, source_id, instance_id, sdk, revision, by, loss, at }) => {
      const _id = JSON.stringify([tenant_id, source_id, instance_id])
      const seen = { tenant_id, source_id, instance_id, sdk, last_seen_at: new Date(at) }
      const said = loss === undefined ? seen : { ...seen, loss: { ...loss } }
      const update = by === 'batch' ? { $set: said, $max: { revision } } : { $set: { ...said, revision } }
      await model.updateOne({ _id }, update, { upsert: true })
    },
    removeAll: async (tenantId, session) => {
      await model.deleteMany(inTenant({ tenant_id: tenantId }, {})).session(session)
    },
    ofTenant: async (tenantId, since) => {
      const filter = inTenant({ tenant_id: tenantId }, { last_seen_at: mongoose.trusted({ $gte: since }) })
      const rows = await model.find(filter).sort({ last_seen_at: -1 }).limit(MOST_INSTANCES).lean()
      return rows.map(({ _id, loss, ...row }) => ({ ...row, loss: loss ?? {} }))
    },
  }
}

function instanceSchema(): Schema<InstanceRow> {
  const text = { type: String, required: true }
  const schema = new Schema<InstanceRow>(
    {
      _id: text,
      tenant_id: text,
      source_id: text,
      instance_id: text,
      sdk: text,
      revision: { type: Number, required: true },
      loss: { type: Schema.Types.Mixed },
      last_seen_at: { type: Date, required: true },
    },
    { versionKey: false, id: false },
  )
  schema.index({ tenant_id: 1, last_seen_at: -1 })
  return schema.index({ last_seen_at: 1 }, { expireAfterSeconds: KEPT_SECONDS })
}
