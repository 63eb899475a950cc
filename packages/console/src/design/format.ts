const NUMBER = new Intl.NumberFormat('en-US')
const EXACT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const PERCENT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })

export function formatNumber(value: number): string {
  return NUMBER.format(value)
}

export function formatExact(iso: string | number): string {
  return EXACT.format(new Date(iso))
}

/** `14.8 % of requests`; nothing of nothing is nothing. */
export function formatShare(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${PERCENT.format((100 * part) / whole)} %`
}

const STEPS = [
  { seconds: 86_400 * 365, unit: 'y' },
  { seconds: 86_400, unit: 'd' },
  { seconds: 3600, unit: 'h' },
  { seconds: 60, unit: 'min' },
] as const

/** `4 s ago`, `in 5 min`, `now`. */
export function formatRelative(atMs: number, nowMs: number): string {
  const seconds = Math.round((nowMs - atMs) / 1000)
  const distance = Math.abs(seconds)
  if (distance < 1) return 'now'
  const step = STEPS.find((candidate) => distance >= candidate.seconds)
  const text = step ? `${Math.floor(distance / step.seconds)} ${step.unit}` : `${distance} s`
  return seconds > 0 ? `${text} ago` : `in ${text}`
}

const DURATIONS = [
  { seconds: 86_400, one: 'day', many: 'days' },
  { seconds: 3600, one: 'hour', many: 'hours' },
  { seconds: 60, one: 'minute', many: 'minutes' },
] as const

/** `60 seconds` stays as it was typed in a sentence; whole minutes, hours and days are named. */
export function formatDuration(seconds: number): string {
  const step = DURATIONS.find((candidate) => seconds >= 2 * candidate.seconds && seconds % candidate.seconds === 0)
  if (step) return `${formatNumber(seconds / step.seconds)} ${step.many}`
  return seconds === 1 ? '1 second' : `${formatNumber(seconds)} seconds`
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`
}
