import { getAll } from '../api/client.js'
import { reachable } from '../api/connection.js'
import { useQuery } from '../api/query.js'
import type { SourceRecord } from '../api/types.js'
import { plural } from '../design/format.js'
import type { Membership } from './session.js'

const POLL_MS = 5000

/** Whether applications are talking to this tenant right now. */
export function LiveStatus({ tenant }: { tenant: Membership }) {
  const path = `/tenants/${tenant.tenant_id}/sources`
  const sources = useQuery(path, () => getAll<SourceRecord>(path), { pollMs: POLL_MS })
  if (!reachable.value) return <span class="live live-off">Offline</span>
  if (sources.data === undefined) return null
  const live = sources.data.reduce((sum, source) => sum + source.instances, 0)
  if (live === 0) return <span class="live live-none">No SDK live</span>
  return <span class="live">{plural(live, 'SDK')} live</span>
}
