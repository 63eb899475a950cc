import { Icon, type IconName } from '../../design/icons.js'
import './explanation.css'

export type StepState = 'yes' | 'no' | 'error' | 'unknown'

const ICONS: Readonly<Record<StepState, IconName>> = { yes: 'check', no: 'close', error: 'warning', unknown: 'dash' }

/** A sign for what the words beside it say. */
export function StateMark({ state }: { state: StepState }) {
  return (
    <span class={`state-mark state-${state}`}>
      <Icon name={ICONS[state]} size={14} />
    </span>
  )
}
