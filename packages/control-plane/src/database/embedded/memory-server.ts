import { request } from 'node:https'
import { join } from 'node:path'
import { readEnvironment } from '../../config/environment.js'
import { inspectMongod } from './mongod.js'
import type { FindOptions, Found } from './source.js'

/** Of mongodb-memory-server-core, which looks at this variable first. */
const DOWNLOAD_HOST = 'https://fastdl.mongodb.org'
const DOWNLOAD_MIRROR = 'MONGOMS_DOWNLOAD_MIRROR'
const MONGOD_VERSION = '8.2.6'
const PROBE_TIMEOUT_MS = 2_000

/** Source 3: a real mongod downloaded by mongodb-memory-server-core, if its host can be reached at all. */
export async function findMemoryServer({ home, progress }: FindOptions): Promise<Found> {
  const { DryMongoBinary, MongoBinary } = await import('mongodb-memory-server-core')
  const source = 'mongodb-memory-server'
  const options = { downloadDir: join(home, 'mongod'), version: MONGOD_VERSION }
  try {
    const present = await DryMongoBinary.locateBinary(options)
    if (present !== undefined) return await inspectMongod(source, present)
    const host = readEnvironment()[DOWNLOAD_MIRROR] ?? DOWNLOAD_HOST
    if (!(await canReach(host))) {
      return { ok: false, why: { source, reason: `${new URL(host).host} cannot be reached from here` } }
    }
    progress(`downloading MongoDB ${MONGOD_VERSION}, once`)
    return await inspectMongod(source, await MongoBinary.getPath(options))
  } catch (error) {
    return { ok: false, why: { source, reason: error instanceof Error ? error.message : String(error) } }
  }
}

/** Any answer will do, within two seconds in all. */
function canReach(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request(url, { method: 'HEAD', agent: false, signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
    probe.once('response', (response) => {
      response.resume()
      resolve((response.statusCode ?? 500) < 500)
    })
    probe.once('error', () => resolve(false))
    probe.end()
  })
}
