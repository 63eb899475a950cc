import { expect, test } from 'vitest'
import { summarize } from './test-summary.mjs'

const passed = { status: 'passed', fullName: 'works' }
const failed = { status: 'failed', fullName: 'breaks' }
const skipped = { status: 'skipped', fullName: 'waits (no browser here)' }

test('counts what passed and names what did not', () => {
  const report = {
    testResults: [
      { name: '/r/a.test.ts', status: 'failed', message: '', assertionResults: [passed, failed, skipped] },
      { name: '/r/b.test.ts', status: 'passed', message: '', assertionResults: [passed] },
    ],
  }
  expect(summarize(report, '/r')).toEqual({
    passed: 2,
    failed: 1,
    skipped: 1,
    lines: ['failed   a.test.ts > breaks', 'skipped  a.test.ts > waits (no browser here)', '1 skipped'],
  })
})

test('a file that cannot be loaded is a failure', () => {
  const report = {
    testResults: [{ name: '/r/a.test.ts', status: 'failed', message: 'no such module\nat x', assertionResults: [] }],
  }
  expect(summarize(report, '/r')).toMatchObject({ passed: 0, failed: 1, lines: ['failed   a.test.ts: no such module'] })
})

test('a run without a report is a failure', () => {
  expect(summarize(undefined, '/r')).toMatchObject({ passed: 0, failed: 1 })
})
