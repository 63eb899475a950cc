import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { KEYID, SECRET } from '../control-plane.js'
import { Harness } from '../harness.js'
import { liveThrough, printComparisons } from './scenario.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 30_000 })
afterAll(printComparisons)

const COULD_NOT_BE_KEPT = /could not be kept on disk/
const isFine = ({ bundle, delivery }: { bundle: { state: string }; delivery: { state: string } }) =>
  bundle.state === 'fresh' && delivery.state === 'sending'

describe('an application lives through a disk that', () => {
  it('has a file where the folder should be', async () => {
    const other = await new Harness().start()
    const file = join(other.folder, 'not-a-folder')
    writeFileSync(file, '')
    await liveThrough({
      name: 'disk: no folder',
      when: 'before_start',
      breaks: () => undefined,
      options: { snapshotDir: file },
      names: COULD_NOT_BE_KEPT,
      counted: isFine,
    })
    await other.end()
  })

  const readOnly = existsSync('/sys/kernel')
  it.skipIf(!readOnly)(`is read-only${readOnly ? '' : ' (skipped: no file system here that is)'}`, () =>
    liveThrough({
      name: 'disk: read-only',
      when: 'before_start',
      breaks: () => undefined,
      options: { snapshotDir: '/sys/esper' },
      names: COULD_NOT_BE_KEPT,
      counted: isFine,
    }),
  )

  const limits = existsSync('/bin/sh') && process.platform === 'linux'
  it.skipIf(!limits)(`is full${limits ? '' : ' (skipped: a limit of file sizes needs Linux)'}`, async () => {
    const harness = await new Harness().start()
    const app = fileURLToPath(new URL('full-disk-app.ts', import.meta.url))
    // No file may grow: every write fails as on a full disk, by the system's own word.
    const child = spawn(
      '/bin/sh',
      ['-c', `ulimit -f 0; exec "$0" --conditions=source --import tsx "$1"`, process.execPath, app],
      {
        env: {
          ...process.env,
          // tsx would keep what it compiles.
          TSX_DISABLE_CACHE: '1',
          ESPER_URL: harness.controlPlane.url,
          ESPER_KEY_ID: KEYID,
          ESPER_SECRET: SECRET,
          ESPER_SNAPSHOT_DIR: harness.folder,
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
    })
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
    const { bundle, delivery, counts, warnings } = JSON.parse(said)
    expect(warnings).toEqual([expect.stringContaining('could not be kept on disk')])
    expect(warnings[0]).toMatch(/EFBIG|ENOSPC/)
    expect({ bundle, delivery, counts }).toMatchObject({
      bundle: { state: 'fresh', revision: 1 },
      delivery: { recorded: 5, accepted: 5 },
      counts: { errors: 0 },
    })
    expect(existsSync(join(harness.folder, `bundle-${KEYID}.json`))).toBe(false)
    await harness.end()
  })
})
