import { RANGES, type Range } from '../api/range.js'
import { useQueryParameter } from './place.js'

/** The range in the URL; an hour when there is none. */
export function useRange(): [Range, (value: Range['value']) => void] {
  const [value, setValue] = useQueryParameter('range', RANGES[0].value)
  return [RANGES.find((range) => range.value === value) ?? RANGES[0], setValue]
}
