import type { SetupRecord, SetupStepId } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { LinkButton } from '../../design/button.js'
import { Card } from '../../design/card.js'
import { Icon } from '../../design/icons.js'
import { Skeleton } from '../../design/notice.js'

interface StepText {
  readonly label: string
  /** What to do, said while it is the next step. */
  readonly next: string
  readonly page: string
  readonly button: string
}

const TEXTS: Readonly<Record<SetupStepId, StepText>> = {
  tenant: { label: 'Tenant', next: 'It holds everything else.', page: 'overview', button: 'Create tenant' },
  api_key: {
    label: 'API key',
    next: 'Your application signs its events with it.',
    page: 'api-keys/new',
    button: 'Create API key',
  },
  action: {
    label: 'Action',
    next: 'Name something visitors do, such as logging in.',
    page: 'policies/actions/new',
    button: 'Create action',
  },
  entity: {
    label: 'Entity',
    next: 'Say who is counted.',
    page: 'policies/entities/new',
    button: 'Create entity',
  },
  mitigation: {
    label: 'Mitigation',
    next: 'Say what happens. Begin with mode Monitor.',
    page: 'policies/mitigation/new',
    button: 'Create mitigation',
  },
  policy: {
    label: 'Policy',
    next: 'Put action, entity and mitigation together.',
    page: 'policies/policies/new',
    button: 'Create policy',
  },
  traffic: {
    label: 'Traffic from your application',
    next: 'Start your application with its API key and open it once.',
    page: 'api-keys',
    button: 'See API keys',
  },
  enforced: {
    label: 'First enforced decision',
    next: 'When Results look right, set a mitigation to Challenge or Block.',
    page: 'policies/mitigation',
    button: 'See mitigations',
  },
}

/** What is left to set up, in order, with the way to the next step. */
export function SetupCard({ steps }: { steps: SetupRecord['steps'] | undefined }) {
  const { href, canEdit } = useTenant()
  if (steps === undefined) {
    return (
      <Card title="Set up">
        <Skeleton lines={8} />
      </Card>
    )
  }
  const done = steps.filter((step) => step.done).length
  const next = steps.find((step) => !step.done)?.id
  return (
    <Card
      title="Set up"
      aside={
        <small>
          {done} of {steps.length}
        </small>
      }
    >
      <ol class="steps">
        {steps.map((step) => {
          const text = TEXTS[step.id]
          return (
            <li key={step.id} class={step.done ? 'step step-done' : step.id === next ? 'step step-next' : 'step'}>
              <span class="step-mark">{step.done && <Icon name="check" size={12} />}</span>
              <div>
                <span>
                  {text.label}
                  <span class="visually-hidden">{step.done ? ', done' : ', to do'}</span>
                </span>
                {step.id === next && (
                  <>
                    <p>{text.next}</p>
                    {canEdit && (
                      <LinkButton size="small" kind="primary" href={href(text.page)}>
                        {text.button}
                      </LinkButton>
                    )}
                  </>
                )}
              </div>
            </li>
          )
        })}
      </ol>
    </Card>
  )
}
