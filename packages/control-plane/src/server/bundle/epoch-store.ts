import { type Connection, Schema } from 'mongoose'

/** The epoch rises when the database was restored from a copy, so that SDKs accept the lower revisions in it. */
export interface EpochStore {
  current(): Promise<number>
}

interface EpochRow {
  _id: 'epoch'
  value: number
}

const FIRST_EPOCH = 1

export function createEpochStore(connection: Connection): EpochStore {
  const schema = new Schema<EpochRow>({ _id: { type: String, required: true }, value: Number }, { versionKey: false })
  const model = connection.model<EpochRow>('settings', schema, 'settings')
  return {
    current: async () => (await model.findOne({ _id: 'epoch' }).lean())?.value ?? FIRST_EPOCH,
  }
}
