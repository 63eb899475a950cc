import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import mongoose from 'mongoose'
import { readChoice, writeChoice } from './choice.js'
import { startGuarded } from './guarded-process.js'
import { findMemoryServer } from './memory-server.js'
import { findMongodOnPath } from './mongod.js'
import { findSecantus } from './secantus.js'
import {
  EMBEDDED_SOURCES,
  type EmbeddedDatabase,
  type EmbeddedSource,
  type FindOptions,
  type Found,
  type ServerProgram,
  type Unavailable,
} from './source.js'

export interface StartEmbeddedOptions extends FindOptions {
  /** Where the data lives; a folder of the source below `home` when left out. */
  readonly dataPath?: string
}

const READY_TIMEOUT_MS = 60_000

const FINDERS: Readonly<Record<EmbeddedSource, (options: FindOptions) => Promise<Found>>> = {
  mongod: findMongodOnPath,
  'mongodb-memory-server': findMemoryServer,
  secantusdb: findSecantus,
}

/** Finds, prepares and starts a database of our own. The first source that works is kept for later starts. */
export async function startEmbeddedDatabase(options: StartEmbeddedOptions): Promise<EmbeddedDatabase> {
  mkdirSync(options.home, { recursive: true })
  const program = await chooseProgram(options)
  const dataPath = options.dataPath ?? join(options.home, 'data', program.source)
  mkdirSync(dataPath, { recursive: true })
  return startProgram({ program, dataPath, logPath: join(options.home, 'database.log') })
}

async function chooseProgram(options: StartEmbeddedOptions): Promise<ServerProgram> {
  const kept = readChoice(options.home)
  const others = EMBEDDED_SOURCES.filter((source) => source !== kept)
  const refused: Unavailable[] = []
  for (const source of kept === undefined ? others : [kept, ...others]) {
    const found = await FINDERS[source](options)
    if (found.ok) {
      if (source !== kept) writeChoice(options.home, source)
      return found.program
    }
    refused.push(found.why)
  }
  throw new Error(adviceFor(refused))
}

function adviceFor(refused: readonly Unavailable[]): string {
  return [
    'No MongoDB to run with. Any one of these will do:',
    '  - set ESPER_MONGODB_URI to a MongoDB 7 replica set;',
    '  - install MongoDB 7 or later, so that mongod is on PATH;',
    '  - install Python 3.10 to 3.13 with venv and pip, for SecantusDB.',
    'What was tried:',
    ...refused.map(({ source, reason }) => `  - ${source}: ${reason}`),
  ].join('\n')
}

interface StartProgram {
  readonly program: ServerProgram
  readonly dataPath: string
  readonly logPath: string
}

async function startProgram({ program, dataPath, logPath }: StartProgram): Promise<EmbeddedDatabase> {
  const port = await freePort()
  const child = await startGuarded({ command: program.command, args: program.args({ port, dataPath }), logPath })
  try {
    await Promise.race([
      waitUntilAnswers(port),
      child.ended.then((reason) => Promise.reject(new Error(`it ended at once (${reason})`))),
    ])
    await program.initiate(port)
  } catch (error) {
    await child.stop()
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${program.description} did not start: ${reason}. Its log is ${logPath}.`, { cause: error })
  }
  const { source, description } = program
  return { uri: program.uri(port), source, description, ended: child.ended, stop: child.stop }
}

async function waitUntilAnswers(port: number): Promise<void> {
  const uri = `mongodb://127.0.0.1:${port}/?directConnection=true`
  const deadline = performance.now() + READY_TIMEOUT_MS
  for (;;) {
    const client = new mongoose.mongo.MongoClient(uri, { serverSelectionTimeoutMS: 500 })
    try {
      await client.db('admin').command({ hello: 1 })
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
    } finally {
      await client.close()
    }
    await delay(50)
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
