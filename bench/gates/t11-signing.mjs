import { createHmac } from 'node:crypto'
import { callSigner } from '@esper/sdk/testing'
import { startChild } from '../support/child.mjs'
import { recorder, signer } from '../support/events.mjs'
import { measureSides, median, medianRatio } from '../support/measure.mjs'
import { atMost, duration } from '../support/row.mjs'
import { seen } from '../support/seen.mjs'

export const GATES = {
  T11: async ({ rounds }) => {
    const sink = await startChild('sink-process')
    const { lines, end } = recorder(sink.url)
    await end()
    sink.end()
    const body = Buffer.from(lines.map((line) => `${line}\n`).join(''))
    const access = signer(sink.url)
    const sign = callSigner(access)
    const call = { method: 'POST', path: '/v1/events', query: 'batch_id=aB3dE5fG7hJ9kL1m&events=100' }
    const ours = (times) => {
      for (let index = 0; index < times; index++) seen.count += sign(call, body).signature.length
    }
    const bare = (times) => {
      for (let index = 0; index < times; index++) {
        seen.count += createHmac('sha256', access.keys.ingestSigning).update(body).digest('base64').length
      }
    }
    const measured = await measureSides({ ours, bare }, rounds)
    const times = `${duration(median(measured.ours))} to ${duration(median(measured.bare))}`
    const detail = [`${times} for 100 events, ${body.length} bytes`]
    const what = 'signing a batch ÷ a bare HMAC over its bytes'
    return [atMost('T11', medianRatio(measured.ours, measured.bare), { limit: 1.1, stretch: 1, what, detail })]
  },
}
