const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const COMMON_LOG = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))? ([+-])(\d{2})(\d{2})$/
const ISO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/
/** Numbers below are seconds, others milliseconds: the year 5138 in one, 1973 in the other. */
const SECONDS_BELOW = 1e11

/** Epoch milliseconds of `10/Oct/2026:13:55:36 -0700`, or undefined. */
export function parseCommonLogTime(text: string): number | undefined {
  const parts = COMMON_LOG.exec(text)
  if (parts === null) return undefined
  const [, day, monthName = '', year, hour, minute, second, fraction = '', sign, offsetHours, offsetMinutes] = parts
  const month = MONTHS.indexOf(monthName)
  if (month < 0 || Number(day) < 1 || Number(day) > 31 || Number(hour) > 23 || Number(minute) > 59) return undefined
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3))
  const asIfUtc = Date.UTC(Number(year), month, Number(day), Number(hour), Number(minute), Number(second), milliseconds)
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000
  return sign === '-' ? asIfUtc + offsetMs : asIfUtc - offsetMs
}

/** Epoch milliseconds of a time as logs in JSON write it: seconds, milliseconds, ISO 8601 with a zone, or a common log's. */
export function parseLogTime(value: unknown): number | undefined {
  if (typeof value === 'number') return fromNumber(value)
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (/^\d{1,13}(?:\.\d{1,9})?$/.test(text)) return fromNumber(Number(text))
  if (ISO.test(text)) {
    const at = Date.parse(text.replace(' ', 'T').replace(',', '.'))
    return Number.isNaN(at) ? undefined : at
  }
  return parseCommonLogTime(text)
}

function fromNumber(value: number): number | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined
  return Math.floor(value < SECONDS_BELOW ? value * 1000 : value)
}
