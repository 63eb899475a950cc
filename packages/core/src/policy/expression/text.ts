import type { Evaluate } from './frame.js'
import { Failure, failure } from './semantics.js'

const D3001 = failure('D3001')

/** JSONata's `$string` of a value: text as it is, everything else as JSON with numbers to 15 digits. */
export function textOf(value: unknown): unknown {
  if (value === undefined || typeof value === 'string' || value instanceof Failure) return value
  if (typeof value === 'number' && !Number.isFinite(value)) return D3001
  let infinite = false
  const text = JSON.stringify(value, (_name, item: unknown) => {
    if (typeof item !== 'number' || Number.isNaN(item)) return item
    if (!Number.isFinite(item)) infinite = true
    return Number.isInteger(item) ? item : Number(item.toPrecision(15))
  })
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
    return end instanceof Failure ? end : `${start}${end}`
  }
}
