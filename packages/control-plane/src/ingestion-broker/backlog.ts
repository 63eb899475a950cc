import type { QueuedByTenant } from './batch-store.js'

export interface BacklogLimits {
  readonly maxBatches: number
  readonly maxBytes: number
  /** Share of both that one tenant may take, so that a flood of one leaves room for the others. */
  readonly tenantShare: number
}

export interface Backlog {
  /** Whether one more batch of this tenant may be kept. */
  hasRoom(tenantId: string, bytes: number): boolean
  add(tenantId: string, bytes: number): void
  /** Replaces the estimate by what the store holds. */
  set(rows: readonly QueuedByTenant[]): void
  total(): { readonly batches: number; readonly bytes: number }
}

/** An estimate of what waits: the store's last count plus what this process has accepted since. */
export function createBacklog(limits: BacklogLimits): Backlog {
  let byTenant = new Map<string, { batches: number; bytes: number }>()
  const total = { batches: 0, bytes: 0 }

  function add(tenantId: string, { batches, bytes }: { batches: number; bytes: number }): void {
    const known = byTenant.get(tenantId) ?? { batches: 0, bytes: 0 }
    byTenant.set(tenantId, { batches: known.batches + batches, bytes: known.bytes + bytes })
    total.batches += batches
    total.bytes += bytes
  }

  return {
    hasRoom(tenantId, bytes) {
      const own = byTenant.get(tenantId) ?? { batches: 0, bytes: 0 }
      const { maxBatches, maxBytes, tenantShare } = limits
      if (total.batches >= maxBatches || total.bytes + bytes > maxBytes) return false
      return own.batches < maxBatches * tenantShare && own.bytes + bytes <= maxBytes * tenantShare
    },
    add: (tenantId, bytes) => add(tenantId, { batches: 1, bytes }),
    set(rows) {
      byTenant = new Map()
      total.batches = 0
      total.bytes = 0
      for (const { tenantId, batches, bytes } of rows) add(tenantId, { batches, bytes })
    },
    total: () => ({ ...total }),
  }
}
