const SECRET_NAME = /secret|password|token|wrapped|private|credential/i
const MASK = '[masked]'

/** A copy of a resource fit for the audit log: whatever is named like a secret is masked at any depth, dates are text. */
export function maskForAudit(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(maskForAudit)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([name, item]) => [name, SECRET_NAME.test(name) && item !== null ? MASK : maskForAudit(item)])
  return Object.fromEntries(entries)
}
