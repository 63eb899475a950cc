import { type BundleList, type PolicySetContent, type PreparedList, prepareListInSlices } from '@esper/core'
import type { ServerClient } from '../clients/server-client.js'
import { DomainError } from '../http/problem.js'
import type { Logger } from '../observability/logger.js'
import { BoundedMap } from '../support/bounded-map.js'

/** Entries of all lists that are remembered by themselves; a policy set that is kept has its own besides. */
const KEPT_ENTRIES = 400_000

export interface ListSource {
  /** What is in the lists that a policy set names, by hash. One that is gone for good is left out, and logged. */
  of(content: Pick<PolicySetContent, 'tenant_id' | 'lists'>): Promise<ReadonlyMap<string, PreparedList>>
}

export interface ListSourceOptions {
  readonly server: Pick<ServerClient, 'listPart'>
  readonly logger: Logger
}

/** Contents of lists from esper-server, the same for every policy set that names the same hash. */
export function createListSource({ server, logger }: ListSourceOptions): ListSource {
  const kept = new BoundedMap<Promise<PreparedList | undefined>>(KEPT_ENTRIES)

  async function load(tenantId: string, sha256: string): Promise<PreparedList | undefined> {
    try {
      const { part } = await server.listPart(tenantId, sha256)
      return await prepared(part)
    } catch (error) {
      if (!(error instanceof DomainError && error.kind === 'not_found')) throw error
      logger.warn({ tenant_id: tenantId, sha256 }, 'a list that an old policy set names is gone')
      return undefined
    }
  }

  function contents(tenantId: string, { sha256, count }: BundleList): Promise<PreparedList | undefined> {
    const name = `${tenantId}:${sha256}`
    const known = kept.get(name)
    if (known !== undefined) return known
    const asked = load(tenantId, sha256)
    kept.set(name, asked, 1 + count)
    // What failed is asked for again, by whoever needs it next.
    asked.catch(() => kept.delete(name))
    return asked
  }

  return {
    of: async ({ tenant_id, lists = [] }) => {
      const found = new Map<string, PreparedList>()
      for (const reference of lists) {
        const list = await contents(tenant_id, reference)
        if (list !== undefined) found.set(reference.sha256, list)
      }
      return found
    },
  }
}

/** A slice at a time, so that claims under way keep their leases. */
async function prepared(part: string): Promise<PreparedList | undefined> {
  const steps = prepareListInSlices(part)
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value
    await new Promise((resolve) => setImmediate(resolve))
  }
}
