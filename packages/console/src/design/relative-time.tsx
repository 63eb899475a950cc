import { signal } from '@preact/signals'
import { pageVisible } from '../api/connection.js'
import { formatExact, formatRelative } from './format.js'

const everySecond = signal(Date.now())
const everyMinute = signal(Date.now())
const MINUTE_MS = 60_000

setInterval(() => {
  if (!pageVisible.peek()) return
  const nowMs = Date.now()
  everySecond.value = nowMs
  if (nowMs - everyMinute.peek() >= MINUTE_MS / 2) everyMinute.value = nowMs
}, 1000)

/** How long ago, kept true while on screen; the exact time on hover. */
export function RelativeTime({ at }: { at: string }) {
  const atMs = Date.parse(at)
  const near = Math.abs(Date.now() - atMs) < MINUTE_MS
  const nowMs = Math.max(near ? everySecond.value : everyMinute.value, Date.now())
  return (
    <time class="num" dateTime={at} title={formatExact(at)}>
      {formatRelative(atMs, nowMs)}
    </time>
  )
}
