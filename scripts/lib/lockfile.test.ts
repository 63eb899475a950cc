import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { missingPlatforms } from './lockfile.mjs'

test('npm ci works on every platform: the lockfile holds all optional dependencies', () => {
  const { packages } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package-lock.json'), 'utf8'))
  // After an install that left some out: node scripts/complete-lockfile.mjs
  expect(Object.keys(missingPlatforms(packages))).toEqual([])
})

test('what a registry did not answer for is added with the platform its name says', () => {
  const packages = {
    'node_modules/tool': {
      dev: true,
      license: 'MIT',
      optionalDependencies: { '@tool/linux-x64-musl': '1.2.3', '@tool/linux-x64': '1.2.3' },
    },
    'node_modules/tool/node_modules/@tool/linux-x64': {},
  }
  expect(missingPlatforms(packages)).toEqual({
    'node_modules/@tool/linux-x64-musl': {
      version: '1.2.3',
      cpu: ['x64'],
      dev: true,
      libc: ['musl'],
      license: 'MIT',
      optional: true,
      os: ['linux'],
    },
  })
})
