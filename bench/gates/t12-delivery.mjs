import { startChild } from '../support/child.mjs'
import { recorder } from '../support/events.mjs'
import { measureSides, median, medianRatio } from '../support/measure.mjs'
import { atMost, duration } from '../support/row.mjs'
import { seen } from '../support/seen.mjs'

export const GATES = {
  T12: async ({ rounds }) => {
    const sink = await startChild('sink-process')
    const { record, lines, report, end } = recorder(sink.url)
    const events = lines.map((line) => JSON.parse(line))
    const ours = async (times) => {
      for (let index = 0; index < times; index++) await record()
    }
    const stringify = (times) => {
      for (let index = 0; index < times; index++) seen.count += Buffer.from(JSON.stringify(events)).length
    }
    const measured = await measureSides({ ours, stringify }, rounds)
    const { recorded, accepted } = report()
    await end()
    sink.end()
    if (accepted !== recorded) throw new Error(`Of ${recorded} events only ${accepted} were accepted.`)
    const times = `${duration(median(measured.ours) / 100)} to ${duration(median(measured.stringify) / 100)} an event`
    const detail = [`${times} of ${Math.round(lines.join('').length / 100)} bytes; ${accepted} events delivered`]
    const what = '100 events as lines, batched, signed and sent ÷ JSON.stringify of them'
    return [atMost('T12', medianRatio(measured.ours, measured.stringify), { limit: 1.4, stretch: 1, what, detail })]
  },
}
