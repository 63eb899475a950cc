import { relative } from 'node:path'

/**
 * The true totals of a vitest JSON report, with every failed and every skipped test by name. A file that could not
 * be loaded counts as one failure, and so does a report that is missing: the run died.
 */
export function summarize(report, root) {
  if (report === undefined) return { passed: 0, failed: 1, lines: ['The test run left no report.'] }
  const lines = []
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const file of report.testResults) {
    const path = relative(root, file.name)
    const failedTests = file.assertionResults.filter((test) => test.status === 'failed')
    if (file.status === 'failed' && failedTests.length === 0) {
      counts.failed += 1
      lines.push(`failed   ${path}: ${firstLine(file.message)}`)
    }
    for (const test of file.assertionResults) {
      const kind = kindOf(test.status)
      counts[kind] += 1
      if (kind !== 'passed') lines.push(`${kind.padEnd(8)} ${path} > ${test.fullName}`)
    }
  }
  if (counts.skipped > 0) lines.push(`${counts.skipped} skipped`)
  return { ...counts, lines }
}

function kindOf(status) {
  if (status === 'passed' || status === 'failed') return status
  return 'skipped'
}

function firstLine(message = '') {
  return message.split('\n')[0] || 'it could not be loaded'
}
