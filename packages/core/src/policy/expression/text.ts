import { MOST_WORK, sizeOf, spend, TOO_MUCH } from './budget.js'
import type { Evaluate, Frame } from './frame.js'
import { Failure, failure } from './semantics.js'

const D3001 = failure('D3001')

/** JSONata's `$string` of a value: text as it is, everything else as JSON with numbers to 15 digits. */
export function textOf(value: unknown, indent = 0): unknown {
  if (value === undefined || typeof value === 'string' || value instanceof Failure) return value
  if (typeof value === 'number' && !Number.isFinite(value)) return D3001
  if (typeof value === 'object' && sizeOf(value) > MOST_WORK) return TOO_MUCH
  let infinite = false
  const inner = (_name: string, item: unknown): unknown => {
    if (typeof item !== 'number' || Number.isNaN(item)) return item
    if (!Number.isFinite(item)) infinite = true
    return Number.isInteger(item) ? item : Number(item.toPrecision(15))
  }
  const text = JSON.stringify(value, inner, indent)
  return infinite ? failure('D1001') : text
}

/** `&`: joins two texts; a missing one is empty. */
export function concatenate(left: Evaluate, right: Evaluate): Evaluate {
  return (input, frame) => {
    const one = left(input, frame)
    if (one instanceof Failure) return one
    const other = right(input, frame)
    if (other instanceof Failure) return other
    const start = textOf(one === undefined ? '' : one)
    if (start instanceof Failure) return start
    const end = textOf(other === undefined ? '' : other)
    return end instanceof Failure ? end : joined(frame, String(start), String(end))
  }
}

function joined(frame: Frame, start: string, end: string): string | Failure {
  const isTooLong = start.length + end.length > MOST_WORK
  return isTooLong ? TOO_MUCH : (spend(frame, end.length) ?? start + end)
}
