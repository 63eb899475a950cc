import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { RUN_ERRORS, runErrorMessage } from './run-errors.js'

const core = dirname(createRequire(import.meta.url).resolve('@esper/core/package.json'))

/** Codes that core gives as values, from its source. */
function codesOfCore(): ReadonlySet<string> {
  const folder = join(core, 'src', 'policy')
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
  return new Set([...text.matchAll(/'([DETS]\d{4})'/g)].flatMap(([, code]) => code ?? []))
}

it('every error that an expression can give has a message', () => {
  const codes = codesOfCore()
  expect(codes.size).toBeGreaterThan(15)
  expect([...codes].filter((code) => !Object.hasOwn(RUN_ERRORS, code))).toEqual([])
  expect(runErrorMessage('constructor')).toBe(runErrorMessage('no such code'))
})
