import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { createEsper } from '../index.js'
import { esperNext } from '../next.js'
import { keepingLogger } from '../test/harness.js'
import { findNextVersion } from './find-next-version.js'
import { isSafeNext } from './next-version.js'

it.each([
  ['12.3.4', false],
  ['12.3.5', true],
  ['13.4.19', false],
  ['13.5.9', true],
  ['14.2.24', false],
  ['14.2.25', true],
  ['15.0.0', false],
  ['15.2.2', false],
  ['15.2.3', true],
  ['15.3.0-canary.1', true],
  ['16.0.0', true],
  ['11.1.4', false],
  ['10.0.0', true],
  ['of my own', true],
])('Next %s runs its middleware always: %s', (version, isSafe) => {
  expect(isSafeNext(version)).toBe(isSafe)
})

const folder = mkdtempSync(join(tmpdir(), 'esper-next-'))
const before = process.cwd()
afterEach(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true, force: true })
})

it('an application on an unsafe version hears of it at start', async () => {
  const deep = join(folder, 'apps', 'shop')
  mkdirSync(deep, { recursive: true })
  mkdirSync(join(folder, 'node_modules', 'next'), { recursive: true })
  writeFileSync(join(folder, 'node_modules', 'next', 'package.json'), '{"name":"next","version":"14.2.24"}')
  expect(findNextVersion(deep)).toBe('14.2.24')
  const { logger, lines } = keepingLogger()
  const esper = createEsper({
    url: 'http://127.0.0.1:9',
    keyId: 'key.1',
    secret: 's'.repeat(40),
    snapshotDir: 'off',
    logger,
  })
  process.chdir(deep)
  esperNext(esper)
  expect(lines.filter((line) => line.includes('CVE-2025-29927'))).toHaveLength(1)
  await esper.close({ timeoutMs: 0 })
})
