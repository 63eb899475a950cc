import mongoose, { type Connection } from 'mongoose'
import type { Config } from '../config/options.js'
import { scrubText } from '../observability/redact.js'
import type { Module, Runtime } from '../runtime/module.js'
import { describeServer } from './describe-server.js'

export type DatabaseName = 'server' | 'ingestion' | 'engine' | 'mitigation'

export interface Database extends Module {
  /** Models may be compiled on it at once; it answers after `start`. */
  readonly connection: Connection
}

export interface DatabaseOptions {
  readonly config: Pick<Config, 'mongodbUri' | 'databasePrefix'>
  readonly name: DatabaseName
  readonly runtime: Pick<Runtime, 'health' | 'logger'>
}

// Operators in a filter that came from outside become plain values; a store says `trusted(…)` where it means one.
mongoose.set('sanitizeFilter', true)
mongoose.set('strict', true)
mongoose.set('strictQuery', 'throw')
mongoose.set('autoIndex', false)
mongoose.set('autoCreate', false)

/** The service's own database as a module; starting it connects and makes the collections and indexes of its models. */
export function createDatabase({ config, name, runtime }: DatabaseOptions): Database {
  const connection = createConnection()
  return {
    name: 'database',
    connection,
    start: async () => {
      await openConnection(connection, { uri: config.mongodbUri, dbName: `${config.databasePrefix}_${name}` })
      const description = await describeServer(connection)
      runtime.logger.info({ database: description }, 'database connected')
      await ensureCollections(connection)
      runtime.health.add('database', async () => {
        await connection.db?.command({ ping: 1 })
        return description
      })
      connection.on('disconnected', () => runtime.logger.warn('database connection lost'))
      connection.on('reconnected', () => runtime.logger.info('database connection back'))
    },
    stop: async () => {
      connection.removeAllListeners('disconnected')
      await connection.close()
    },
  }
}

/** A connection that is not open yet. */
export function createConnection(): Connection {
  return mongoose.createConnection()
}

export interface OpenConnectionOptions {
  readonly uri: string
  readonly dbName: string
}

export async function openConnection(connection: Connection, { uri, dbName }: OpenConnectionOptions): Promise<void> {
  try {
    await connection.openUri(uri, {
      dbName,
      appName: dbName,
      serverSelectionTimeoutMS: 10_000,
      bufferCommands: false,
      maxPoolSize: 30,
      writeConcern: { w: 'majority', j: true },
      readConcern: { level: 'majority' },
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(scrubText(`MongoDB does not answer (ESPER_MONGODB_URI): ${reason}`), { cause: error })
  }
}

/** Creates what the models compiled on the connection declare. Existing indexes stay as they are. */
export async function ensureCollections(connection: Connection): Promise<void> {
  const models = Object.values(connection.models)
  for (const model of models) {
    await model.createCollection()
    await model.createIndexes()
  }
}
