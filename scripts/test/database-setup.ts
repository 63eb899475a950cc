import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedDatabase } from '@esper/control-plane/testing'
import type { TestProject } from 'vitest/node'
import '@esper/testkit'

interface SharedServer {
  readonly uri: string
  stop(): Promise<void>
}

declare global {
  /** Projects load this file each for themselves; the server is one for all of them. */
  var esperTestServer: { users: number; readonly server: Promise<SharedServer> } | undefined
}

/** One database server for a run: the one of ESPER_MONGODB_URI, or our own over a folder that goes with it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  globalThis.esperTestServer ??= { users: 0, server: startServer() }
  const shared = globalThis.esperTestServer
  shared.users += 1
  const server = await shared.server
  project.provide('esperMongodbUri', server.uri)
  return async () => {
    shared.users -= 1
    if (shared.users > 0) return
    globalThis.esperTestServer = undefined
    await server.stop()
  }
}

async function startServer(): Promise<SharedServer> {
  const given = process.env.ESPER_MONGODB_URI
  if (given !== undefined && given !== '') return { uri: given, stop: async () => undefined }
  const dataPath = mkdtempSync(join(tmpdir(), 'esper-test-'))
  const home = join(import.meta.dirname, '..', '..', '.esper')
  const database = await startEmbeddedDatabase({ home, dataPath, progress: (line) => console.log(`database: ${line}`) })
  console.log(`database: ${database.description}`)
  return {
    uri: database.uri,
    stop: async () => {
      await database.stop()
      rmSync(dataPath, { recursive: true, force: true })
    },
  }
}
