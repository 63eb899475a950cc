import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plant, plantHouse } from './plant.js'

const repository = join(import.meta.dirname, '..', '..')
const root = realpathSync(mkdtempSync(join(tmpdir(), 'esper-arrows-')))
const cp = 'packages/control-plane/src'

/** The file, its one import, and the rule that has to say no. */
const FORBIDDEN: readonly (readonly [path: string, line: string, rule: string])[] = [
  ['packages/core/src/a.ts', "import 'node:fs'", 'core-stands-alone'],
  ['packages/core/src/b.ts', "import 'lru-cache'", 'core-stands-alone'],
  ['packages/core/src/c.ts', "import '@esper/sdk'", 'core-stands-alone'],
  ['packages/sdk-node/src/a.ts', "import '@esper/control-plane'", 'sdk-imports-core-only'],
  [`${cp}/server/a.ts`, "import '@esper/sdk'", 'control-plane-imports-core-only'],
  [`${cp}/server/b.ts`, "import '../engine/inside.js'", 'services-do-not-know-each-other'],
  [`${cp}/engine/a.ts`, "import '../server/inside.js'", 'services-do-not-know-each-other'],
  [`${cp}/ingestion-broker/a.ts`, "import '../engine/inside.js'", 'services-do-not-know-each-other'],
  [`${cp}/mitigation-broker/a.ts`, "import '../server/inside.js'", 'services-do-not-know-each-other'],
  [`${cp}/http/a.ts`, "import '../server/inside.js'", 'shared-knows-no-service'],
  [`${cp}/engine/b.ts`, "import 'express'", 'express-in-its-place'],
  [`${cp}/server/policies/service.ts`, "import 'mongoose'", 'mongoose-in-its-place'],
  [`${cp}/server/policies/kind.ts`, "import 'jsonata'", 'jsonata-in-its-place'],
  [`${cp}/engine/c.ts`, "import 'undici'", 'undici-in-its-place'],
  ['packages/sdk-node/src/decide/a.ts', "import 'undici'", 'undici-in-its-place'],
  [
    'packages/console/src/a.ts',
    "import { code } from '@esper/control-plane/contract/operator'",
    'console-imports-types-at-most',
  ],
  [
    'packages/console/src/b.ts',
    "import type { here } from '@esper/control-plane'",
    'console-imports-contract-types-only',
  ],
  ['packages/sdk-node/src/b.ts', "import '../../core/src/index.js'", 'no-relative-path-into-another-package'],
  ['packages/sdk-node/src/c.ts', "import '@esper/testkit'", 'testkit-in-tests-only'],
  ['packages/core/src/circle-a.ts', "import './circle-b.js'", 'no-circles'],
  ['packages/core/src/d.ts', "import './gone.js'", 'no-dead-ends'],
]

const ALLOWED: readonly (readonly [path: string, line: string])[] = [
  ['packages/core/src/e.ts', "import '@noble/hashes'"],
  ['packages/core/src/f.ts', "import 're2js'"],
  ['packages/sdk-node/src/d.ts', "import '@esper/core'"],
  ['packages/sdk-node/src/deliver/a.ts', "import 'undici'"],
  ['packages/sdk-node/src/e.test.ts', "import '@esper/testkit'"],
  [`${cp}/server/policies/store.ts`, "import 'mongoose'"],
  [`${cp}/server/policies/routes.ts`, "import 'express'"],
  [`${cp}/server/c.ts`, "import '../database/inside.js'"],
  [`${cp}/clients/a.ts`, "import 'undici'"],
  [`${cp}/expressions/a.ts`, "import 'jsonata'"],
  ['packages/console/src/c.ts', "import type { Shape } from '@esper/control-plane/contract/operator'"],
]

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[]
  }
}

let violations: readonly string[] = []

beforeAll(async () => {
  plantHouse(root)
  for (const [path, line] of [...FORBIDDEN, ...ALLOWED]) plant(root, path, line)
  plant(root, 'packages/core/src/circle-b.ts', "import './circle-a.js'")
  copyFileSync(join(repository, '.dependency-cruiser.cjs'), join(root, 'rules.cjs'))
  copyFileSync(join(repository, 'tsconfig.base.json'), join(root, 'tsconfig.base.json'))
  writeFileSync(join(root, 'package.json'), '{"name":"planted","version":"1.0.0"}')
  const report: Report = JSON.parse(await cruise())
  violations = report.summary.violations.map(({ from, rule }) => `${rule.name} ${from}`)
}, 120_000)
afterAll(() => rmSync(root, { recursive: true }))

/** The exit code says how many violations there are, so that it is no failure here. */
function cruise(): Promise<string> {
  const program = join(repository, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
  const args = [program, 'packages', '--config', 'rules.cjs', '--output-type', 'json']
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, maxBuffer: 64_000_000 }, (_error, stdout) => resolve(stdout))
  })
}

describe('the arrows of the house', () => {
  test.each(FORBIDDEN)('%s: %s is refused', (path, _line, rule) => {
    expect(violations).toContain(`${rule} ${path}`)
  })

  test.each(ALLOWED)('%s: %s is fine', (path) => {
    expect(violations.filter((violation) => violation.endsWith(` ${path}`))).toEqual([])
  })
})
