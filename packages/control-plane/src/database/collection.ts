import type { Connection, mongo } from 'mongoose'

/** A collection of the driver, for stores whose documents are written by operators and never hydrated. */
export function collectionOf<T extends mongo.Document>(connection: Connection, name: string): mongo.Collection<T> {
  if (connection.db === undefined) throw new Error('The database connection is not open yet.')
  return connection.db.collection<T>(name)
}

/** Creates collections that have no index of their own: a transaction must find them there. */
export async function createCollections(connection: Connection, names: readonly string[]): Promise<void> {
  const existing = await connection.db?.listCollections({}, { nameOnly: true }).toArray()
  const known = new Set(existing?.map(({ name }) => name))
  for (const name of names) {
    if (known.has(name)) continue
    await connection.db?.createCollection(name).catch((error: unknown) => {
      if (!isNamespaceExists(error)) throw error
    })
  }
}

function isNamespaceExists(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 48
}
