import type { Connection, mongo } from 'mongoose'
import { collectionOf, createCollections } from '../../database/collection.js'
import { isDuplicateKey } from '../../database/transaction.js'

interface OnceDocument {
  readonly _id: string
  readonly expire_at: Date
}

/** Things that may happen once: signature nonces, and solved challenges. */
export interface OnceStore {
  createIndexes(): Promise<void>
  /** Whether this call was the first with this name; remembered until `until`. */
  take(name: string, until: number): Promise<boolean>
}

/**
 * @param safely Whether a name must survive the loss of the database's machine. A nonce need not: it is of use for some
 *   minutes only.
 */
export function createOnceStore(
  connection: Connection,
  { collection, safely }: { readonly collection: string; readonly safely: boolean },
): OnceStore {
  const names = (): mongo.Collection<OnceDocument> => collectionOf(connection, collection)
  return {
    createIndexes: async () => {
      await createCollections(connection, [collection])
      await names().createIndexes([{ key: { expire_at: 1 }, name: 'ttl', expireAfterSeconds: 0 }])
    },
    take: async (name, until) => {
      try {
        const options = safely ? {} : { writeConcern: { w: 1, j: false } }
        await names().insertOne({ _id: name, expire_at: new Date(until) }, options)
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },
  }
}
