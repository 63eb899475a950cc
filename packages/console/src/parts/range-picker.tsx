import { RANGES } from '../api/range.js'
import { useRange } from '../app/range.js'
import { Segmented } from '../design/segmented.js'

export function RangePicker() {
  const [range, setRange] = useRange()
  return <Segmented label="Time range" value={range.value} options={RANGES} onChange={setRange} />
}
