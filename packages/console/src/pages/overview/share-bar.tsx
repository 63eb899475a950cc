import type { PolicyResult } from '../../api/types.js'

const PARTS = [
  { of: (result: PolicyResult) => result.observe_count, name: 'observe' },
  { of: (result: PolicyResult) => result.challenge_count, name: 'challenge' },
  { of: (result: PolicyResult) => result.block_count, name: 'block' },
] as const

/** The outcomes of a policy beside those of the busiest one. The figures stand in the same row. */
export function ShareBar({ result, most }: { result: PolicyResult; most: number }) {
  return (
    <span class="share" aria-hidden="true">
      {PARTS.map((part) => (
        <span
          key={part.name}
          class={`share-part swatch-${part.name}`}
          style={{ width: `${(100 * part.of(result)) / most}%` }}
        />
      ))}
    </span>
  )
}
