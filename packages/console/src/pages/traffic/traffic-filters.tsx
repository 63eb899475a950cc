import { useEffect, useState } from 'preact/hooks'
import { useCollection } from '../../api/resources.js'
import { useQueryParameter, useTenant } from '../../app/place.js'
import { CompactSelect } from '../../design/controls.js'

/** What the list is narrowed to, as the API takes it; all of it is in the URL. */
export interface TrafficFilter {
  readonly text: string
  readonly outcome: string
  readonly policy_id: string
  readonly source_id: string
}

export function useTrafficFilter(): TrafficFilter {
  const [text] = useQueryParameter('text', '')
  const [outcome] = useQueryParameter('outcome', '')
  const [policy_id] = useQueryParameter('policy_id', '')
  const [source_id] = useQueryParameter('source_id', '')
  return { text, outcome, policy_id, source_id }
}

const OUTCOMES = [
  { value: '', label: 'Every outcome' },
  { value: 'block', label: 'Block' },
  { value: 'challenge', label: 'Challenge' },
  { value: 'observe', label: 'Observe' },
  { value: 'none', label: 'No decision' },
] as const

export function TrafficFilters() {
  const { base } = useTenant()
  const [outcome, setOutcome] = useQueryParameter('outcome', '')
  const [policyId, setPolicyId] = useQueryParameter('policy_id', '')
  const [sourceId, setSourceId] = useQueryParameter('source_id', '')
  const policies = useCollection(base, 'policies').data ?? []
  const sources = useCollection(base, 'sources').data ?? []
  return (
    <search class="traffic-filters">
      <SearchBox />
      <CompactSelect label="Outcome" value={outcome} onValue={setOutcome} options={OUTCOMES} />
      <CompactSelect
        label="Policy"
        value={policyId}
        onValue={setPolicyId}
        options={[
          { value: '', label: 'Every policy' },
          ...policies.map((policy) => ({ value: policy.policy_id, label: policy.name })),
        ]}
      />
      <CompactSelect
        label="Source"
        value={sourceId}
        onValue={setSourceId}
        options={[
          { value: '', label: 'Every source' },
          ...sources.map((source) => ({ value: source.source_id, label: source.source_id })),
        ]}
      />
    </search>
  )
}

const DEBOUNCE_MS = 300

function SearchBox() {
  const [text, setText] = useQueryParameter('text', '')
  const [typed, setTyped] = useState(text)
  useEffect(() => setTyped(text), [text])
  useEffect(() => {
    if (typed.trim() === text) return
    const timer = setTimeout(() => setText(typed.trim()), DEBOUNCE_MS)
    return () => clearTimeout(timer)
  }, [typed, text])
  return (
    <input
      type="search"
      class="input traffic-search"
      aria-label="Search in what was recorded"
      placeholder="Path, address, user, event ID…"
      maxLength={256}
      value={typed}
      onInput={(event) => setTyped(event.currentTarget.value)}
    />
  )
}
