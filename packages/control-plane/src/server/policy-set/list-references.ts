import { type BundleList, LIMITS } from '@esper/core'
import { DomainError } from '../../http/problem.js'
import type { ListRecord } from '../lists/schema.js'

/** What a bundle says of the lists its programs look values up in: where their contents are found. */
export function listReferences(listIds: readonly string[], lists: readonly ListRecord[]): readonly BundleList[] {
  const byId = new Map(lists.map((list) => [list.list_id, list]))
  const named = listIds.flatMap((id) => byId.get(id) ?? [])
  const disabled = named.find(({ enabled }) => !enabled)
  if (disabled !== undefined) {
    const message = `needs the list "${disabled.name}", which is disabled; enable it first`
    throw new DomainError('disabled_reference', `What was saved ${message}.`, {
      errors: [{ path: '', code: 'disabled_reference', message }],
    })
  }
  const bytes = named.reduce((sum, list) => sum + list.bytes, 0)
  if (bytes > LIMITS.bundleListBytes) {
    const [most, is] = [LIMITS.bundleListBytes, bytes].map((count) => `${(count / 1_048_576).toFixed(1)} MiB`)
    throw new DomainError(
      'bundle_too_large',
      `With this change the lists in use would have ${is}; ${most} is the most.`,
    )
  }
  return named.map(({ list_id, sha256, bytes: length, entry_count }) => ({
    list_id,
    sha256,
    bytes: length,
    count: entry_count,
  }))
}
