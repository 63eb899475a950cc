import type { Connection, mongo } from 'mongoose'

/** A collection of the driver, for stores whose documents are written by operators and never hydrated. */
export function collectionOf<T extends mongo.Document>(connection: Connection, name: string): mongo.Collection<T> {
  if (connection.db === undefined) throw new Error('The database connection is not open yet.')
  return connection.db.collection<T>(name)
}
