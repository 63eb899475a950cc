import type { ComponentType } from 'preact'
import { useRoute } from 'preact-iso'
import { api } from '../../api/client.js'
import { useFreshQuery } from '../../api/query.js'
import { NotFound } from '../../app/not-found.js'
import { useTenant } from '../../app/place.js'
import { Card, PageLayout } from '../../design/card.js'
import { ErrorNotice, Skeleton } from '../../design/notice.js'
import { ActionForm } from './action-form.js'
import { EntityForm } from './entity-form.js'
import { findKind, type Kind } from './kinds.js'
import { MitigationForm } from './mitigation-form.js'
import { PolicyForm } from './policy-form.js'

/** One action, entity, mitigation or policy: to create or to change. */
export function ItemPage() {
  const { params } = useRoute()
  const kind = findKind(params.tab)
  const id = params.id === 'new' ? undefined : params.id
  switch (kind?.id) {
    case 'actions':
      return <Loaded key={id} kind={kind} id={id} form={ActionForm} />
    case 'entities':
      return <Loaded key={id} kind={kind} id={id} form={EntityForm} />
    case 'mitigation':
      return <Loaded key={id} kind={kind} id={id} form={MitigationForm} />
    case 'policies':
      return <Loaded key={id} kind={kind} id={id} form={PolicyForm} />
    case undefined:
      return <NotFound />
  }
}

interface LoadedProps<Item> {
  readonly kind: Kind
  readonly id: string | undefined
  readonly form: ComponentType<{ record: Item | undefined }>
}

function Loaded<Item>({ kind, id, form: ItemForm }: LoadedProps<Item>) {
  const { base } = useTenant()
  const path = `${base}/${kind.collection}/${encodeURIComponent(id ?? '')}`
  const item = useFreshQuery(id === undefined ? undefined : path, () => api.get<Item>(path))
  if (id === undefined) return <ItemForm record={undefined} />
  if (item.data !== undefined) return <ItemForm record={item.data} />
  if (item.error?.status === 404) return <NotFound />
  return (
    <PageLayout title={kind.label}>
      {item.error ? (
        <ErrorNotice what={`The ${kind.noun} could not be loaded`} error={item.error} onRetry={item.reload} />
      ) : (
        <Card>
          <Skeleton lines={8} />
        </Card>
      )}
    </PageLayout>
  )
}
