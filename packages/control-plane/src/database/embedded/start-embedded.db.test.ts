import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { createConnection, openConnection } from '../connection.js'
import { describeServer } from '../describe-server.js'
import { startEmbeddedDatabase } from './start-embedded.js'

const folder = mkdtempSync(join(tmpdir(), 'esper-embedded-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => vi.unstubAllEnvs())

function newHome(): string {
  return mkdtempSync(join(folder, 'home-'))
}

/** A program that says it is this mongod and, asked for a server, writes its arguments down and ends. */
function fakeMongod(home: string, version: string): string {
  const bin = join(home, 'bin')
  mkdirSync(bin)
  const script = `#!/bin/sh\n[ "$1" = --version ] && echo "db version v${version}" && exit 0\necho "$@" > ${join(home, 'args')}\nexit 9\n`
  writeFileSync(join(bin, 'mongod'), script)
  chmodSync(join(bin, 'mongod'), 0o755)
  return bin
}

test('a mongod on PATH comes first, as a replica set of one, and a failed start names its log', async () => {
  const home = newHome()
  vi.stubEnv('PATH', `${fakeMongod(home, '7.0.14')}:/bin:/usr/bin`)
  await expect(startEmbeddedDatabase({ home, progress: () => undefined })).rejects.toThrow(
    /^mongod 7\.0\.14 did not start: it ended at once \(exit code 9\)\. Its log is .*database\.log\.$/,
  )
  expect(readFileSync(join(home, 'args'), 'utf8')).toMatch(
    /--replSet esper --dbpath .*data\/mongod --bind_ip 127\.0\.0\.1 --port \d+/,
  )
  expect(JSON.parse(readFileSync(join(home, 'database.json'), 'utf8'))).toEqual({ source: 'mongod' })
})

test('when nothing works the error names what to install and what was tried, without hanging', async () => {
  const home = newHome()
  vi.stubEnv('PATH', fakeMongod(home, '4.4.1'))
  // A host that answers nothing at all: the probe has to give up by itself.
  vi.stubEnv('MONGOMS_DOWNLOAD_MIRROR', 'https://192.0.2.1')
  const startedAt = performance.now()
  const failure = await startEmbeddedDatabase({ home, progress: () => undefined }).then(
    () => 'it started',
    (error: Error) => error.message,
  )
  expect(failure).toContain('set ESPER_MONGODB_URI')
  expect(failure).toContain('mongod: mongod is older than MongoDB 7')
  expect(failure).toContain('mongodb-memory-server: 192.0.2.1 cannot be reached from here')
  expect(failure).toContain('secantusdb: no Python 3.10 to 3.13 on PATH')
  expect(performance.now() - startedAt).toBeLessThan(8_000)
})

test('data outlives a stop, and the source is kept', async () => {
  const home = newHome()
  symlinkSync(resolve('.esper/secantus-venv'), join(home, 'secantus-venv'))
  symlinkSync(resolve('.esper/mongod'), join(home, 'mongod'))
  for (const round of [1, 2]) {
    const database = await startEmbeddedDatabase({ home, progress: () => undefined })
    const connection = createConnection()
    await openConnection(connection, { uri: database.uri, dbName: 'kept' })
    expect(await describeServer(connection)).toMatch(/^(?:SecantusDB|MongoDB) /)
    await connection.collection('rounds').insertOne({ round })
    expect(await connection.collection('rounds').countDocuments()).toBe(round)
    await connection.close()
    await database.stop()
    expect(await database.ended).toBe('exit code 0')
  }
}, 90_000)
