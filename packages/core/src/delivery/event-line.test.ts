import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RequestEncoder } from '../policy/fields/encode.js'
import { NO_DEMAND } from '../protocol/bundle.js'
import type { EventLine } from '../protocol/event.js'
import { EventLineWriter } from './event-line.js'

const lines = new EventLineWriter()
const AT = 1_700_000_000_000
const event: EventLine = {
  event_id: 'aB3dE5fG7hJ9kL1m',
  observed_at: AT,
  fields: { request_path: '/login' },
  decision: { revision: 7, enforced: true, policy_id: 'pol_1', outcome: 'block', origin: 'policy', n: 5 },
}

const text = fc.string({ unit: 'binary', maxLength: 12 })
const anyFields = fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 })

describe('the line of an event', () => {
  it('is the event as JSON, without a line break', () => {
    expect(lines.write(event)).toBe(JSON.stringify(event))
  })

  it('says what the application answered, and leaves the record as it is', () => {
    const line = JSON.parse(lines.write(event, { status: 404, ms: 12.25 }))
    expect(line.fields).toEqual({ request_path: '/login', response_status: 404, response_ms: 12.25 })
    expect(event.fields).toEqual({ request_path: '/login' })
  })

  it('reads back as it was, whatever text stands in it', () => {
    const { fields: _, ...rest } = event
    fc.assert(
      fc.property(anyFields, (fields) => {
        const given = { ...rest, fields: JSON.parse(JSON.stringify(fields)) }
        const line = lines.write(given)
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(given)))
        expect(line).not.toMatch(/[\n\r]/)
      }),
      { numRuns: 50 },
    )
  })

  it('says what a list holds now, also where it said it before', () => {
    const item = { n: 1 }
    const lists = { names: Object.freeze(['a', '"']), items: Object.freeze([item]), open: ['a'] }
    const given = { ...event, fields: lists }
    expect(lines.write(given)).toBe(JSON.stringify(given))
    item.n = 2
    lists.open.push('b')
    expect(lines.write(given)).toBe(JSON.stringify(given))
  })

  it('hides credentials that were not read before', () => {
    const encoder = new RequestEncoder({
      demand: { ...NO_DEMAND, cookie: true, cookies: ['sid'], headers: ['authorization'] },
      clearCookies: [],
      sourceId: 'web',
      trustLevel: 'Internal',
      redact: (value) => `${value.length}`.padStart(43, '0'),
    })
    const headers = ['Authorization', 'Bearer hush', 'Cookie', 'sid=hush; a=b']
    const fields = encoder.encode({ method: 'GET', url: '/', headers }, AT)
    const line = lines.write({ ...event, fields })
    expect(line).not.toContain('hush')
    expect(JSON.parse(line).fields.headers).toEqual({ authorization: `hash:${'11'.padStart(43, '0')}` })
  })
})
