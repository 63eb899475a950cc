import { formatDuration, formatNumber } from '../../design/format.js'

interface Window {
  readonly seconds: number
  readonly threshold: number
  readonly distinct?: string | undefined
}

/** `at least 5 in 60 seconds, per ip-user-agent`: when a window holds, in words. */
export function windowSentence(window: Window, entity: string | undefined): string {
  const what = window.distinct
    ? `${formatNumber(window.threshold)} different ${window.distinct}`
    : formatNumber(window.threshold)
  const whose = entity === undefined ? 'over all requests it matches' : `per ${entity}`
  return `at least ${what} in ${formatDuration(window.seconds)}, ${whose}`
}

/** `5 in 60 s`, for the second line of a row. */
export function windowShort(window: Window): string {
  return `${formatNumber(window.threshold)}${window.distinct ? ` ${window.distinct}` : ''} in ${window.seconds} s`
}
