import { useState } from 'preact/hooks'
import { api } from '../../api/client.js'
import { invalidate } from '../../api/query.js'
import type { ApiKeyCreated, TrustLevel } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { PageLayout } from '../../design/card.js'
import { RadioCards, TextInput } from '../../design/controls.js'
import { Field, FieldGroup, Form } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { CreatedKey } from './created-key.js'
import { TRUST_LEVELS } from './trust-levels.js'

interface Values {
  readonly name: string
  readonly source_id: string
  readonly trust_level: TrustLevel
  readonly secret: string
}

const INITIAL: Values = { name: '', source_id: '', trust_level: 'External', secret: '' }

/** Issues a key, then shows its secret: the only time it is shown. */
export function NewApiKeyPage() {
  const { base, href, canEdit } = useTenant()
  const [created, setCreated] = useState<ApiKeyCreated>()
  const form = useForm<Values>({
    initial: INITIAL,
    save: async ({ secret, ...values }) => {
      const body = secret === '' ? values : { ...values, secret }
      setCreated(await api.post<ApiKeyCreated>(`${base}/api-keys`, body))
      invalidate(base)
    },
  })
  const { values, set } = form
  if (created) return <CreatedKey created={created} />
  return (
    <PageLayout title="Create API key" lead="One key for one application. The secret is shown once, right after this.">
      <section class="card">
        <Form
          form={form}
          label="Create API key"
          submitLabel="Create API key"
          cancelHref={href('api-keys')}
          readOnly={!canEdit}
        >
          <div class="form-row">
            <Field path="name" label="Name" help="For you to recognize it by.">
              {(control) => (
                <TextInput
                  {...control}
                  value={values.name}
                  onValue={(name) => set({ name })}
                  placeholder="Shop, production"
                />
              )}
            </Field>
            <Field path="source_id" label="Source ID" help="Which application it is. Events and results carry it.">
              {(control) => (
                <TextInput
                  {...control}
                  mono
                  value={values.source_id}
                  onValue={(source_id) => set({ source_id })}
                  placeholder="web"
                />
              )}
            </Field>
          </div>
          <FieldGroup path="trust_level" label="Trust level">
            <RadioCards
              name="trust_level"
              value={values.trust_level}
              options={TRUST_LEVELS}
              onValue={(trust_level) => set({ trust_level })}
            />
          </FieldGroup>
          <Field
            path="secret"
            label="Secret"
            optional
            help="Leave it empty and a strong one is made. Your own must have at least 32 characters."
          >
            {(control) => (
              <TextInput
                {...control}
                mono
                value={values.secret}
                onValue={(secret) => set({ secret })}
                placeholder="made for you"
              />
            )}
          </Field>
        </Form>
      </section>
    </PageLayout>
  )
}
