import type { Config } from '../../config/options.js'
import { startEmbeddedDatabase } from '../../database/embedded/start-embedded.js'
import type { DevProcess } from './service-process.js'

export interface DevDatabase {
  readonly uri: string
  readonly description: string
  /** Absent when the database is somebody else's. */
  readonly process?: DevProcess
}

export interface DevDatabaseOptions {
  readonly config: Config
  readonly home: string
  readonly say: (line: string) => void
}

/** The database of ESPER_MONGODB_URI, or one of our own under the data folder. */
export async function openDevDatabase({ config, home, say }: DevDatabaseOptions): Promise<DevDatabase> {
  if (config.mongodbUri !== '') return { uri: config.mongodbUri, description: 'MongoDB of ESPER_MONGODB_URI' }
  const database = await startEmbeddedDatabase({ home, progress: (line) => say(`database: ${line}`) })
  return {
    uri: database.uri,
    description: database.description,
    process: { name: 'database', ended: database.ended, stop: database.stop },
  }
}
