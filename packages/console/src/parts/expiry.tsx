import { Pill } from '../design/pill.js'
import { RelativeTime } from '../design/relative-time.js'

export function isOver(expiresAt: string | null): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now()
}

/** When something ends, and that it has. */
export function Expiry({ at }: { at: string | null }) {
  if (at === null) return <span class="muted">Never</span>
  if (!isOver(at)) return <RelativeTime at={at} />
  return (
    <>
      <Pill tone="neutral">Expired</Pill> <RelativeTime at={at} />
    </>
  )
}
