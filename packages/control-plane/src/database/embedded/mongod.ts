import { setTimeout as delay } from 'node:timers/promises'
import mongoose from 'mongoose'
import { runProgram } from './run-program.js'
import type { EmbeddedSource, Found, ServerProgram } from './source.js'

const OLDEST_MAJOR = 7
const REPLICA_SET = 'esper'

/** Source 2: a `mongod` on PATH. */
export function findMongodOnPath(): Promise<Found> {
  return inspectMongod('mongod', 'mongod')
}

/** Whether `command` is a mongod that will do. */
export async function inspectMongod(source: EmbeddedSource, command: string): Promise<Found> {
  const ran = await runProgram(command, ['--version'], 10_000)
  if (!ran.ok) return { ok: false, why: { source, reason: `${command} does not run: ${ran.reason}` } }
  const version = /v(\d+)\.(\d+\.\d+)/.exec(ran.output)
  if (version === null || Number(version[1]) < OLDEST_MAJOR) {
    return { ok: false, why: { source, reason: `${command} is older than MongoDB ${OLDEST_MAJOR}` } }
  }
  return { ok: true, program: mongodProgram({ source, command, version: `${version[1]}.${version[2]}` }) }
}

interface MongodOptions {
  readonly source: EmbeddedSource
  readonly command: string
  readonly version: string
}

function mongodProgram({ source, command, version }: MongodOptions): ServerProgram {
  return {
    source,
    command,
    description: source === 'mongod' ? `mongod ${version}` : `mongod ${version} (downloaded)`,
    args: ({ port, dataPath }) => [
      ...['--replSet', REPLICA_SET, '--dbpath', dataPath, '--bind_ip', '127.0.0.1', '--port', String(port)],
      ...['--wiredTigerCacheSizeGB', '0.5', '--quiet'],
    ],
    initiate: initiateReplicaSet,
    // Direct: the member's name in the stored set holds the port of its first start.
    uri: (port) => `mongodb://127.0.0.1:${port}/?directConnection=true`,
  }
}

/** Makes the node a set of one, or gives the set of an earlier start the port of this one. */
async function initiateReplicaSet(port: number): Promise<void> {
  const client = new mongoose.mongo.MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`)
  const member = { _id: 0, host: `127.0.0.1:${port}` }
  try {
    const admin = client.db('admin')
    try {
      await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [member] } })
    } catch (error) {
      if (codeName(error) !== 'AlreadyInitialized') throw error
      const { config } = await admin.command({ replSetGetConfig: 1 })
      const next = { ...config, version: Number(config.version) + 1, members: [{ ...config.members[0], ...member }] }
      await admin.command({ replSetReconfig: next, force: true })
    }
    const deadline = performance.now() + 30_000
    while ((await admin.command({ hello: 1 })).isWritablePrimary !== true) {
      if (performance.now() > deadline) throw new Error('the replica set chose no primary within 30 s')
      await delay(100)
    }
  } finally {
    await client.close()
  }
}

function codeName(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'codeName' in error ? error.codeName : undefined
}
