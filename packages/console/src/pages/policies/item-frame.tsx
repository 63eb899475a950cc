import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { PolicyRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { Button } from '../../design/button.js'
import { PageLayout } from '../../design/card.js'
import { CopyId } from '../../design/copy.js'
import { Form } from '../../design/form.js'
import type { FormState } from '../../design/form-state.js'
import { plural } from '../../design/format.js'
import { Notice } from '../../design/notice.js'
import { RelativeTime } from '../../design/relative-time.js'
import { DeleteDialog } from '../../parts/delete-dialog.js'
import { findKind, type KindId } from './kinds.js'

interface Existing {
  readonly id: string
  readonly name: string
  readonly updatedAt: string
}

interface ItemFrameProps<Values extends object> {
  readonly kind: KindId
  readonly form: FormState<Values>
  readonly existing: Existing | undefined
  readonly listHref: string
  readonly remove: () => Promise<void>
  /** Policies that use it; a policy itself has none. */
  readonly usedBy: readonly PolicyRecord[]
  readonly aside: ComponentChildren
  readonly children: ComponentChildren
}

function Lead({ existing }: { existing: Existing }) {
  return (
    <>
      <CopyId id={existing.id} /> · changed <RelativeTime at={existing.updatedAt} />
    </>
  )
}

function UsedBy({ policies, noun }: { policies: readonly PolicyRecord[]; noun: string }) {
  const { href } = useTenant()
  if (policies.length === 0) return null
  return (
    <Notice tone="info">
      Used by {plural(policies.length, 'policy', 'policies')}: a change of this {noun} changes what{' '}
      {policies.map((policy, index) => (
        <span key={policy.policy_id}>
          {index > 0 && ', '}
          <a href={href(`policies/policies/${policy.policy_id}`)}>{policy.name}</a>
        </span>
      ))}{' '}
      {policies.length === 1 ? 'does' : 'do'}.
    </Notice>
  )
}

/** The page around each of the four forms: title, what uses it, the form, and deleting. */
export function ItemFrame<Values extends object>(props: ItemFrameProps<Values>) {
  const { form, existing, usedBy } = props
  const { canEdit } = useTenant()
  const [deleting, setDeleting] = useState(false)
  const noun = findKind(props.kind)?.noun ?? props.kind
  return (
    <PageLayout title={existing?.name ?? `Create ${noun}`} lead={existing && <Lead existing={existing} />}>
      {!canEdit && <Notice tone="info">Your role lets you look at this {noun}, not change it.</Notice>}
      {existing && <UsedBy policies={usedBy} noun={noun} />}
      <div class="with-aside">
        <section class="card">
          <Form
            form={form}
            label={existing ? `Change ${noun}` : `Create ${noun}`}
            submitLabel={existing ? 'Save changes' : `Create ${noun}`}
            cancelHref={props.listHref}
            readOnly={!canEdit}
            extra={
              existing && (
                <Button kind="danger" onClick={() => setDeleting(true)}>
                  Delete {noun}
                </Button>
              )
            }
          >
            {props.children}
          </Form>
        </section>
        <aside class="card aside" aria-label="About this form">
          {props.aside}
        </aside>
      </div>
      {existing && deleting && (
        <DeleteDialog
          title={`Delete ${noun} ${existing.name}?`}
          confirmLabel={`Delete ${noun}`}
          onConfirm={props.remove}
          onClose={() => setDeleting(false)}
        >
          <DeleteText noun={noun} usedBy={usedBy} />
        </DeleteDialog>
      )}
    </PageLayout>
  )
}

function DeleteText({ noun, usedBy }: { noun: string; usedBy: readonly PolicyRecord[] }) {
  if (noun === 'policy') {
    return (
      <p>
        It stops at once in every SDK, and whoever it holds is let go. What it did so far stays in Results and Audit.
      </p>
    )
  }
  if (usedBy.length === 0) return <p>No policy uses this {noun}.</p>
  return (
    <>
      <p>
        {plural(usedBy.length, 'policy uses', 'policies use')} this {noun}. While an enabled policy needs it, it cannot
        be deleted: change or disable the policy first.
      </p>
      <ul class="bullets">
        {usedBy.map((policy) => (
          <li key={policy.policy_id}>{policy.name}</li>
        ))}
      </ul>
    </>
  )
}
