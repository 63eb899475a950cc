import { type ClientSession, type Connection, Schema } from 'mongoose'
import type { EndRequest } from '../../contract/mitigation.js'
import { newId } from '../ids.js'

/** Active mitigations that a change has ended, until the mitigation broker has acknowledged it. */
export interface PendingEnd extends EndRequest {
  readonly id: string
}

export interface PendingEnds {
  /** In the transaction of the change: the change cannot happen and its consequence be forgotten. */
  add(end: EndedPolicies, change: { readonly session: ClientSession; readonly now: Date }): Promise<void>
  /** The oldest ones, in order. */
  next(limit: number): Promise<readonly PendingEnd[]>
  done(id: string): Promise<void>
}

export interface EndedPolicies {
  readonly tenantId: string
  readonly revision: number
  readonly policyIds: readonly string[]
}

interface EndRow {
  _id: string
  tenant_id: string
  revision: number
  policy_ids: string[]
  created_at: Date
}

export function createPendingEnds(connection: Connection): PendingEnds {
  const model = connection.model<EndRow>('pending_ends', endSchema(), 'pending_ends')
  return {
    add: async ({ tenantId, revision, policyIds }, { session, now }) => {
      const row = { _id: newId('end'), tenant_id: tenantId, revision, policy_ids: [...policyIds], created_at: now }
      await model.insertMany([row], { session })
    },
    next: async (limit) => {
      const rows = await model.find({}).sort({ created_at: 1, _id: 1 }).limit(limit).lean()
      return rows.map(({ _id, tenant_id, revision, policy_ids }) => ({ id: _id, tenant_id, revision, policy_ids }))
    },
    done: async (id) => void (await model.deleteOne({ _id: id })),
  }
}

function endSchema(): Schema<EndRow> {
  const schema = new Schema<EndRow>(
    {
      _id: { type: String, required: true },
      tenant_id: { type: String, required: true },
      revision: { type: Number, required: true },
      policy_ids: { type: [String], required: true },
      created_at: { type: Date, required: true },
    },
    { versionKey: false, id: false },
  )
  return schema.index({ created_at: 1, _id: 1 })
}
