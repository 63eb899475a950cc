import { randomBytes } from 'node:crypto'
import { createConnection, openConnection } from '@esper/control-plane/testing'
import { afterAll, beforeAll, inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the one server that scripts/test/database-setup.ts starts for a run. */
    esperMongodbUri: string
  }
}

export type TestConnection = ReturnType<typeof createConnection>

export interface TestDatabase {
  readonly mongodbUri: string
  /** Of this test file alone. All databases that begin with it are dropped after its last test. */
  readonly databasePrefix: string
  /** A connection to one of the prefix's databases, open before the first test and closed after the last. */
  connection(): TestConnection
}

export interface UseDatabaseOptions {
  /** Which of the prefix's databases `connection` opens. */
  readonly name?: 'server' | 'ingestion' | 'engine' | 'mitigation'
}

/** Call it once at the top of a `*.db.test.ts` or `*.product.test.ts`. */
export function useDatabase({ name = 'server' }: UseDatabaseOptions = {}): TestDatabase {
  const mongodbUri = inject('esperMongodbUri')
  const databasePrefix = `t${randomBytes(6).toString('hex')}`
  const connection = createConnection()
  beforeAll(() => openConnection(connection, { uri: mongodbUri, dbName: `${databasePrefix}_${name}` }))
  afterAll(async () => {
    await dropDatabases(connection, databasePrefix)
    await connection.close()
  })
  return { mongodbUri, databasePrefix, connection: () => connection }
}

/** Drops every database whose name begins with the prefix. */
export async function dropDatabases(connection: TestConnection, prefix: string): Promise<void> {
  const client = connection.getClient()
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true })
  for (const database of databases) {
    if (database.name.startsWith(prefix)) await client.db(database.name).dropDatabase()
  }
}
