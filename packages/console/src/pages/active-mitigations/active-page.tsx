import { useState } from 'preact/hooks'
import { api, type Page, query } from '../../api/client.js'
import { usePages } from '../../api/pages.js'
import { invalidate } from '../../api/query.js'
import { useCollection } from '../../api/resources.js'
import type { ActiveMitigationRecord } from '../../api/types.js'
import { useQueryParameter, useTenant } from '../../app/place.js'
import { Button } from '../../design/button.js'
import { Card, PageLayout } from '../../design/card.js'
import { CompactSelect } from '../../design/controls.js'
import { Empty } from '../../design/notice.js'
import { DataTable } from '../../design/table.js'
import { LoadMore } from '../../parts/load-more.js'
import { activeColumns } from './active-columns.js'
import { ReleaseDialog } from './release-dialog.js'

const POLL_MS = 5000

/** Who is held right now, and letting them go. */
export function ActivePage() {
  const { base, canRelease } = useTenant()
  const [policyId, setPolicyId] = useQueryParameter('policy_id', '')
  const policies = useCollection(base, 'policies').data
  const mitigations = useCollection(base, 'mitigations').data
  const [releasing, setReleasing] = useState<ActiveMitigationRecord>()
  const path = `${base}/active-mitigations`
  const pages = usePages<Page<ActiveMitigationRecord>>({
    key: `${path}?${policyId}`,
    load: (cursor) => api.get(`${path}${query({ policy_id: policyId || undefined, cursor })}`),
    pollMs: POLL_MS,
  })
  const { first, more } = pages
  const columns = activeColumns({
    policyName: (id) => policies?.find((policy) => policy.policy_id === id)?.name ?? id,
    mode: (id) => mitigations?.find((mitigation) => mitigation.mitigation_id === id)?.mode,
  })
  return (
    <PageLayout
      title="Active mitigations"
      lead="Entities that crossed a threshold and are held until their time is over. Releasing one forgets what it did so far."
    >
      <Card
        title="Held now"
        aside={
          <CompactSelect
            label="Policy"
            value={policyId}
            onValue={setPolicyId}
            options={[
              { value: '', label: 'All policies' },
              ...(policies ?? []).map((policy) => ({ value: policy.policy_id, label: policy.name })),
            ]}
          />
        }
      >
        <DataTable
          label="Active mitigations"
          rows={{ ...first, data: first.data && [...first.data.items, ...more.flatMap((page) => page.items)] }}
          columns={[
            ...columns,
            {
              id: 'release',
              header: 'Release',
              align: 'end',
              cell: (held) => (
                <Button size="small" disabled={!canRelease} onClick={() => setReleasing(held)}>
                  Release
                </Button>
              ),
            },
          ]}
          rowKey={(held) => held.active_mitigation_id}
          empty={
            <Empty title="Nobody is held right now">
              When an entity crosses the threshold of a policy that challenges or blocks, it appears here until its time
              is over.
            </Empty>
          }
        />
        <LoadMore pages={pages} label="Show more" />
      </Card>
      {releasing && (
        <ReleaseDialog
          held={releasing}
          path={path}
          onClose={() => setReleasing(undefined)}
          onDone={() => {
            setReleasing(undefined)
            invalidate(path, `${base}/exemptions`)
          }}
        />
      )}
    </PageLayout>
  )
}
