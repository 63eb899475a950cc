import type { ClientSession, Connection, mongo } from 'mongoose'
import { collectionOf, createCollections } from '../database/collection.js'
import type { WindowPageDocument } from './documents.js'
import type { PageChange, PageCounts } from './window-ledger.js'

const IDS_A_READ = 1_000
/** How long a page stays after its time: an event may come so late and still find what was counted around it. */
const KEEP_MS = 6 * 3_600_000

/** Counts of all windows. */
export class WindowStore {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get #pages(): mongo.Collection<WindowPageDocument> {
    return collectionOf(this.#connection, 'window_pages')
  }

  async createIndexes(): Promise<void> {
    await createCollections(this.#connection, ['window_pages'])
    await this.#pages.createIndexes([{ key: { expire_at: 1 }, name: 'ttl', expireAfterSeconds: 0 }])
  }

  async read(ids: readonly string[], session: ClientSession): Promise<ReadonlyMap<string, PageCounts>> {
    const pages = new Map<string, PageCounts>()
    for (let first = 0; first < ids.length; first += IDS_A_READ) {
      const some = ids.slice(first, first + IDS_A_READ)
      for (const page of await this.#pages.find({ _id: { $in: some } }, { session }).toArray()) {
        pages.set(page._id, { counts: byIndex(page.c), values: byIndex(page.v) })
      }
    }
    return pages
  }

  async add(tenantId: string, changes: readonly PageChange[], context: AddContext): Promise<void> {
    if (changes.length === 0) return
    await this.#pages.bulkWrite(
      changes.map((change) => ({
        updateOne: { filter: { _id: change.id }, update: updateOf(tenantId, change, context.now), upsert: true },
      })),
      { session: context.session, ordered: true },
    )
  }
}

interface AddContext {
  readonly now: number
  readonly session: ClientSession
}

function byIndex<T>(record: Readonly<Record<string, T>> | undefined): ReadonlyMap<number, T> {
  return new Map(Object.entries(record ?? {}).map(([index, value]) => [Number(index), value]))
}

function updateOf(tenantId: string, change: PageChange, now: number): mongo.UpdateFilter<WindowPageDocument> {
  const inc = Object.fromEntries([...change.counts].map(([index, count]) => [`c.${index}`, count]))
  const add = Object.fromEntries([...change.values].map(([index, values]) => [`v.${index}`, { $each: [...values] }]))
  const keepUntil = new Date(Math.max(now, change.endsAt) + change.seconds * 1_000 + KEEP_MS)
  const update: mongo.UpdateFilter<WindowPageDocument> = {
    $max: { expire_at: keepUntil },
    $setOnInsert: { tenant_id: tenantId },
  }
  if (change.counts.size > 0) update.$inc = inc
  if (change.values.size > 0) update.$addToSet = add
  return update
}
