import type { Connection } from 'mongoose'

const OLDEST_MAJOR = 7

/** What answers, in a few words. Throws when it cannot do what Esper needs: transactions and change streams. */
export async function describeServer(connection: Connection): Promise<string> {
  const admin = connection.getClient().db('admin')
  const build = await admin.command({ buildInfo: 1 })
  const hello = await admin.command({ hello: 1 })
  const version = String(build.version)
  if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
    throw new Error(`MongoDB ${version} is too old (ESPER_MONGODB_URI): ${OLDEST_MAJOR} or later is needed`)
  }
  const isSharded = hello.msg === 'isdbgrid'
  if (!isSharded && typeof hello.setName !== 'string') {
    throw new Error('MongoDB runs as a single server (ESPER_MONGODB_URI): a replica set or sharded cluster is needed')
  }
  if (typeof build.secantusVersion === 'string') return `SecantusDB ${build.secantusVersion}`
  return `MongoDB ${version}, ${isSharded ? 'sharded cluster' : `replica set ${hello.setName}`}`
}
