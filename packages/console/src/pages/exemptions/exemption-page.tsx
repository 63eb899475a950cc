import { useRoute } from 'preact-iso'
import { api } from '../../api/client.js'
import { useFreshQuery } from '../../api/query.js'
import type { ExemptionRecord } from '../../api/types.js'
import { NotFound } from '../../app/not-found.js'
import { useTenant } from '../../app/place.js'
import { Card, PageLayout } from '../../design/card.js'
import { ErrorNotice, Skeleton } from '../../design/notice.js'
import { ExemptionForm } from './exemption-form.js'

/** One exemption: to create or to change. */
export function ExemptionPage() {
  const { params } = useRoute()
  const { base } = useTenant()
  const id = params.id === 'new' ? undefined : params.id
  const path = `${base}/exemptions/${encodeURIComponent(id ?? '')}`
  const item = useFreshQuery(id === undefined ? undefined : path, () => api.get<ExemptionRecord>(path))
  if (id === undefined) return <ExemptionForm record={undefined} />
  if (item.data !== undefined) return <ExemptionForm key={id} record={item.data} />
  if (item.error?.status === 404) return <NotFound />
  return (
    <PageLayout title="Exemption">
      {item.error ? (
        <ErrorNotice what="The exemption could not be loaded" error={item.error} onRetry={item.reload} />
      ) : (
        <Card>
          <Skeleton lines={8} />
        </Card>
      )}
    </PageLayout>
  )
}
