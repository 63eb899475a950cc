import { useState } from 'preact/hooks'
import { api } from '../../api/client.js'
import { asApiError } from '../../api/problem.js'
import { invalidate } from '../../api/query.js'
import type { Enforcement, TenantRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { Card } from '../../design/card.js'
import { Segmented } from '../../design/segmented.js'
import { toast } from '../../design/toast.js'

const STATES = [
  { value: 'on', label: 'On' },
  { value: 'monitor', label: 'Monitor' },
] as const

/** The switch for everything: enforce, or only watch. */
export function EnforcementCard({ record }: { record: TenantRecord }) {
  const { base, canEdit } = useTenant()
  const [saving, setSaving] = useState(false)
  const change = async (enforcement: Enforcement) => {
    setSaving(true)
    try {
      await api.patch(base, { enforcement })
      invalidate('/tenants', base)
      toast(enforcement === 'on' ? 'Enforcement is on' : 'Enforcement is in Monitor: nothing is stopped')
    } catch (error) {
      toast(`Enforcement was not changed. ${asApiError(error).message}`, 'error')
    } finally {
      setSaving(false)
    }
  }
  return (
    <Card
      title="Enforcement"
      aside={
        <Segmented
          label="Enforcement"
          value={record.enforcement}
          options={STATES}
          onChange={(enforcement) => void change(enforcement)}
          disabled={!canEdit || saving}
        />
      }
    >
      <p class="card-body muted">
        {record.enforcement === 'on'
          ? 'Policies challenge and block as their mitigations say. Monitor stops all of that at once, in every SDK, and goes on recording.'
          : 'Everything is decided and recorded, and nothing is stopped: no request is challenged or blocked, whatever a mitigation says.'}
      </p>
    </Card>
  )
}
