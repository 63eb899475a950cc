import type { MitigationMode, Outcome } from '../api/types.js'
import './pill.css'

export type Tone = 'observe' | 'challenge' | 'block' | 'good' | 'neutral'

export function Pill({ tone, children }: { tone: Tone; children: string }) {
  return <span class={`pill pill-${tone}`}>{children}</span>
}

const MODE_TONE: Readonly<Record<MitigationMode, Tone>> = { Monitor: 'observe', Challenge: 'challenge', Block: 'block' }
const OUTCOME_WORD: Readonly<Record<Outcome, string>> = { observe: 'Observe', challenge: 'Challenge', block: 'Block' }

export function ModePill({ mode }: { mode: MitigationMode }) {
  return <Pill tone={MODE_TONE[mode]}>{mode}</Pill>
}

export function OutcomePill({ outcome }: { outcome: Outcome }) {
  return <Pill tone={outcome}>{OUTCOME_WORD[outcome]}</Pill>
}

export function EnabledPill({ enabled }: { enabled: boolean }) {
  return enabled ? <Pill tone="good">Enabled</Pill> : <Pill tone="neutral">Disabled</Pill>
}
