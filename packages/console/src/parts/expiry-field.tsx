import { useState } from 'preact/hooks'
import { Select } from '../design/controls.js'
import { Field } from '../design/form.js'
import { RelativeTime } from '../design/relative-time.js'

const HOUR_MS = 3_600_000
/** From now on, as people think of it. */
const SPANS = [
  { value: '1h', label: 'In 1 hour', ms: HOUR_MS },
  { value: '24h', label: 'In 24 hours', ms: 24 * HOUR_MS },
  { value: '7d', label: 'In 7 days', ms: 168 * HOUR_MS },
  { value: '30d', label: 'In 30 days', ms: 720 * HOUR_MS },
] as const

type Choice = 'never' | (typeof SPANS)[number]['value'] | 'at'

interface ExpiryFieldProps {
  readonly path: string
  readonly label: string
  readonly help?: string | undefined
  /** ISO 8601, or empty for never. */
  readonly value: string
  readonly onValue: (value: string) => void
}

/** When something ends: never, after a while, or at a time. */
export function ExpiryField({ path, label, help, value, onValue }: ExpiryFieldProps) {
  const [choice, setChoice] = useState<Choice>(value === '' ? 'never' : 'at')
  const choose = (next: Choice) => {
    setChoice(next)
    if (next === 'never') onValue('')
    const span = SPANS.find((one) => one.value === next)
    if (span) onValue(new Date(Date.now() + span.ms).toISOString())
    if (next === 'at' && value === '') onValue(new Date(Date.now() + 24 * HOUR_MS).toISOString())
  }
  return (
    <Field path={path} label={label} help={help}>
      {(control) => (
        <div class="cluster">
          <Select
            {...control}
            value={choice}
            options={[{ value: 'never', label: 'Never' }, ...SPANS, { value: 'at', label: 'At a time' }]}
            onValue={choose}
          />
          {choice === 'at' && (
            <input
              type="datetime-local"
              class="input"
              aria-label={`${label}: time`}
              value={localText(value)}
              onInput={(event) => onValue(isoText(event.currentTarget.value))}
            />
          )}
          {choice !== 'never' && choice !== 'at' && value !== '' && (
            <span class="muted">
              <RelativeTime at={value} />
            </span>
          )}
        </div>
      )}
    </Field>
  )
}

/** As the browser's field writes it, in the time of the place. */
function localText(iso: string): string {
  if (iso === '') return ''
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function isoText(local: string): string {
  const at = new Date(local)
  return Number.isNaN(at.getTime()) ? '' : at.toISOString()
}
