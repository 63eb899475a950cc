import type { SdkStatusReport } from '@esper/core'
import type { Mode } from './options.js'
import type { AddressWatch } from './request/client-address.js'
import type { BundleStore } from './sync/bundle-store.js'
import type { SyncMode } from './sync/sync.js'

/** What this process tells the control plane of itself with each batch. */
export function statusReport(now: {
  readonly mode: Mode
  readonly store: BundleStore
  readonly sync: SyncMode
  readonly clockOffsetMs: number
  readonly address: ReturnType<AddressWatch['report']>
}): SdkStatusReport {
  const { mode, store, sync, clockOffsetMs, address } = now
  const { count, last } = store.refusals
  return {
    mode,
    bundle: {
      state: store.state(),
      origin: store.origin,
      enforces: store.enforces(),
      refused: count,
      ...(last === undefined ? {} : { last_refusal: last }),
    },
    sync,
    clock_offset_ms: clockOffsetMs,
    address: { ...address.counts, ...(address.warning === undefined ? {} : { one_proxy: true }) },
  }
}
