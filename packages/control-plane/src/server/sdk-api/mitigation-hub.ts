import type { MitigationDelta } from '@esper/core'
import { type EventReader, readEvents } from '../../clients/event-reader.js'
import type { MitigationClient } from '../../clients/mitigation-client.js'
import type { Logger } from '../../observability/logger.js'

export interface HubListener {
  /** A change of the tenant's mitigations, of any counting scope. */
  onDelta(delta: MitigationDelta): void
  /** Changes may have been missed: what is known must be read anew from its cursor. */
  onGap(): void
}

/** One reader of the mitigation broker's stream for all SDK streams of this process. */
export interface MitigationHub {
  subscribe(tenantId: string, listener: HubListener): () => void
  readonly connected: boolean
  /** Begins to read; until then subscribers only see pages. */
  start(): void
  close(): Promise<void>
}

export interface HubOptions {
  readonly mitigation: Pick<MitigationClient, 'service'>
  readonly logger: Logger
}

export function createMitigationHub({ mitigation, logger }: HubOptions): MitigationHub {
  const tenants = new Map<string, Set<HubListener>>()
  let reader: EventReader | undefined
  return {
    get connected() {
      return reader?.connected === true
    },
    subscribe: (tenantId, listener) => {
      const listeners = tenants.get(tenantId) ?? new Set()
      tenants.set(tenantId, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && tenants.get(tenantId) === listeners) tenants.delete(tenantId)
      }
    },
    start() {
      reader = readEvents({
        client: mitigation.service,
        path: '/stream',
        onEvent: ({ event, data }) => {
          if (event === 'mitigation') deliver(tenants, data)
          // Sent once the broker listens to its database: what came before may have been missed.
          if (event === 'hello') tellGap(tenants)
        },
        onError: (error) => logger.info({ err: error }, 'the stream of mitigations is not connected'),
      })
    },
    close: async () => await reader?.close(),
  }
}

function deliver(tenants: ReadonlyMap<string, ReadonlySet<HubListener>>, data: string): void {
  const message: { readonly tenant_id: string; readonly delta: MitigationDelta } = JSON.parse(data)
  for (const listener of tenants.get(message.tenant_id) ?? []) listener.onDelta(message.delta)
}

function tellGap(tenants: ReadonlyMap<string, ReadonlySet<HubListener>>): void {
  for (const listeners of tenants.values()) for (const listener of listeners) listener.onGap()
}
