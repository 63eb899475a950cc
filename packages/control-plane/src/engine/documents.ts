/** Sub-buckets that share one document. */
export const BUCKETS_A_PAGE = 64

/**
 * Counts of one window, counting scope and entity over `BUCKETS_A_PAGE` sub-buckets. A window in use touches one or two
 * of these, which are read and written by id alone.
 */
export interface WindowPageDocument {
  /** `<tenant_id>:<counting scope>:<window id>:<entity key>:<page>`. */
  readonly _id: string
  readonly tenant_id: string
  /** Events by sub-bucket of the page. */
  readonly c?: Readonly<Record<string, number>>
  /** Hashes of different values by sub-bucket of the page. */
  readonly v?: Readonly<Record<string, readonly string[]>>
  readonly expire_at: Date
}

/** A batch that was decided. It outlives the batch, so that a batch which comes again never counts again. */
export interface BatchRecordDocument {
  /** `<tenant_id>:<batch_id>:<source_id>`. */
  readonly _id: string
  readonly tenant_id: string
  readonly publication_ids: readonly string[]
  /** Policy set it was decided with. */
  readonly revision: number
  readonly decided_at: Date
  readonly expire_at: Date
}

/** A publication that has to reach the mitigation broker. */
export interface OutboxDocument {
  /** The publication id. */
  readonly _id: string
  readonly tenant_id: string
  readonly state: 'pending' | 'published'
  /** The publication as JSON. */
  readonly payload: string
  /** Until then its own worker publishes it; afterwards any may. */
  readonly lease_until: Date
  readonly created_at: Date
  /** Set once it is published. */
  readonly expire_at?: Date
}
