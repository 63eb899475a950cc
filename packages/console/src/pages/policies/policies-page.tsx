import { useRoute } from 'preact-iso'
import { useCollection } from '../../api/resources.js'
import { NotFound } from '../../app/not-found.js'
import { useTenant } from '../../app/place.js'
import { LinkButton } from '../../design/button.js'
import { PageLayout } from '../../design/card.js'
import { Tabs } from '../../design/tabs.js'
import { ActionList } from './action-list.js'
import { EntityList } from './entity-list.js'
import { findKind, KINDS, type KindId } from './kinds.js'
import { MitigationList } from './mitigation-list.js'
import { PolicyList } from './policy-list.js'

const LISTS = { actions: ActionList, entities: EntityList, mitigation: MitigationList, policies: PolicyList } as const

const LEADS: Readonly<Record<KindId, string>> = {
  actions: 'An action names something visitors do, such as logging in. Policies ask for actions by name.',
  entities: 'An entity says who is counted: which fields together are one client.',
  mitigation: 'A mitigation says what happens to a request: observe it, challenge it or block it.',
  policies: 'A policy puts it together: which requests, counted per whom, and what happens to them.',
}

/** What traffic means and what should happen to it, in four tabs. */
export function PoliciesPage() {
  const { params } = useRoute()
  const { base, href, canEdit } = useTenant()
  const counts = {
    actions: useCollection(base, 'actions').data?.length,
    entities: useCollection(base, 'entity-definitions').data?.length,
    mitigation: useCollection(base, 'mitigations').data?.length,
    policies: useCollection(base, 'policies').data?.length,
  }
  const kind = findKind(params.tab)
  if (!kind) return <NotFound />
  const List = LISTS[kind.id]
  return (
    <PageLayout
      title="Policies"
      lead={LEADS[kind.id]}
      actions={
        canEdit && (
          <LinkButton kind="primary" icon="plus" href={href(`policies/${kind.id}/new`)}>
            Create {kind.noun}
          </LinkButton>
        )
      }
    >
      <Tabs
        label="Policies"
        current={kind.id}
        tabs={KINDS.map(({ id, label }) => ({ id, label, href: href(`policies/${id}`), count: counts[id] }))}
      >
        <List />
      </Tabs>
    </PageLayout>
  )
}
