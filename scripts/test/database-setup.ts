import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedDatabase } from '@esper/control-plane/testing'
import type { TestProject } from 'vitest/node'
import '@esper/testkit'

/** One database server for a run: the one of ESPER_MONGODB_URI, or our own over a folder that goes with it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.ESPER_MONGODB_URI
  if (given !== undefined && given !== '') {
    project.provide('esperMongodbUri', given)
    return async () => undefined
  }
  const dataPath = mkdtempSync(join(tmpdir(), 'esper-test-'))
  const home = join(import.meta.dirname, '..', '..', '.esper')
  const database = await startEmbeddedDatabase({ home, dataPath, progress: (line) => console.log(`database: ${line}`) })
  project.provide('esperMongodbUri', database.uri)
  return async () => {
    await database.stop()
    rmSync(dataPath, { recursive: true, force: true })
  }
}
