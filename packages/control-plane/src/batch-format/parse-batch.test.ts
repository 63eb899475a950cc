import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { LIMITS, NO_DEMAND } from '@esper/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBatchHeader } from './batch-header.js'
import { parseBatch } from './parse-batch.js'

const HEADER = { format: 1, sdk: 'test/1', revision: 3, instance_id: 'i1' }

function event(id: string, more: object = {}): object {
  return { event_id: id, observed_at: 1_700_000_000_000, fields: { request_path: '/' }, ...more }
}

function ndjson(...lines: readonly (object | string)[]): Buffer {
  return Buffer.from(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
}

function reasons(body: Buffer, encoding?: 'br' | 'gzip'): Record<string, number> {
  return Object.fromEntries(parseBatch(body, encoding).bad)
}

describe('a batch', () => {
  test('gives its header and events, compressed or not', () => {
    const body = ndjson({ ...HEADER, loss: { queue_full: 1 } }, event('a'), '', event('b'))
    for (const parsed of [
      parseBatch(body, undefined),
      parseBatch(gzipSync(body), 'gzip'),
      parseBatch(brotliCompressSync(body), 'br'),
    ]) {
      expect(parsed.header).toEqual({ ...HEADER, loss: { queue_full: 1 } })
      expect(parsed.events.map((one) => one.event_id)).toEqual(['a', 'b'])
      expect(parsed.bad.size).toBe(0)
    }
  })

  test('says what it captured, or has no header when it says so badly', () => {
    const captured = { ...NO_DEMAND, query: ['*'], without: ['user_agent'] }
    expect(parseBatch(ndjson({ ...HEADER, captured }, event('a')), undefined).header).toEqual({ ...HEADER, captured })
    const bad = [true, { query: ['*'] }, { ...captured, query: '*' }, { ...captured, without: [1] }]
    for (const one of bad) expect(reasons(ndjson({ ...HEADER, captured: one }, event('a')))).toEqual({ bad_header: 1 })
  })

  test('without a header loses no event', () => {
    const parsed = parseBatch(ndjson(event('a'), event('b')), undefined)
    expect(parsed.header).toBeUndefined()
    expect(parsed.events).toHaveLength(2)
    expect(Object.fromEntries(parsed.bad)).toEqual({ bad_header: 1 })
    expect(reasons(ndjson({ format: 2 }, event('a')))).toEqual({ bad_header: 1 })
  })

  test('says of each bad line what is wrong and where', () => {
    const wide = Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`k${index}`, index]))
    const body = ndjson(
      HEADER,
      event('a'),
      event('a'),
      event('no spaces'),
      event('b', { observed_at: '2026' }),
      event('c', { fields: [] }),
      event('d', { fields: { wide } }),
      'nonsense',
      event('e', { decision: { revision: -1 } }),
    )
    const parsed = parseBatch(body, undefined)
    expect(parsed.problems).toEqual([
      { line: 3, reason: 'duplicate_event_id' },
      { line: 4, reason: 'bad_event_id' },
      { line: 5, reason: 'bad_observed_at' },
      { line: 6, reason: 'bad_fields' },
      { line: 7, reason: 'too_many_keys' },
      { line: 8, reason: 'bad_json' },
      { line: 9, reason: 'bad_decision' },
    ])
    expect(parsed.events.map((one) => [one.event_id, one.decision])).toEqual([
      ['a', undefined],
      ['e', undefined],
    ])
  })

  test('takes no more events than a batch may hold', () => {
    const events = Array.from({ length: LIMITS.batchEvents + 3 }, (_, index) => event(`e${index}`))
    const parsed = parseBatch(ndjson(HEADER, ...events), undefined)
    expect(parsed.events).toHaveLength(LIMITS.batchEvents)
    expect(Object.fromEntries(parsed.bad)).toEqual({ too_many_events: 3 })
  })

  test('that would grow without bound is not inflated', () => {
    const zeros = Buffer.alloc(32 * 1_048_576)
    const fastest = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }
    expect(reasons(gzipSync(zeros), 'gzip')).toEqual({ unreadable_body: 1 })
    expect(reasons(brotliCompressSync(zeros, fastest), 'br')).toEqual({ unreadable_body: 1 })
    expect(reasons(Buffer.from('no gzip at all'), 'gzip')).toEqual({ unreadable_body: 1 })
  })

  test('nested without end is refused without recursion', () => {
    const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`
    expect(reasons(ndjson(HEADER, `{"event_id":"a","observed_at":1,"fields":${deep}}`))).toEqual({ too_deep: 1 })
    expect(reasons(ndjson(HEADER, '['.repeat(100_000)))).toEqual({ bad_json: 1 })
  })

  test('pollutes nothing', () => {
    const body = ndjson(HEADER, '{"event_id":"a","observed_at":1,"fields":{"__proto__":{"polluted":true}}}')
    expect(parseBatch(body, undefined).events).toHaveLength(1)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  test('of any bytes never throws, and every line is an event or counted', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('gzip' as const, 'br' as const, undefined),
        (bytes, encoding) => {
          const { events, bad } = parseBatch(bytes, encoding)
          expect(events.length + bad.size).toBeGreaterThan(0)
        },
      ),
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.json(), fc.string()), { maxLength: 20 }), (texts) => {
        const lines = texts.map((text) => text.replaceAll('\n', ' ')).filter((text) => text.trim() !== '')
        const { events, bad } = parseBatch(ndjson(HEADER, ...lines), undefined)
        expect(events.length + [...bad.values()].reduce((sum, count) => sum + count, 0)).toBe(lines.length)
      }),
    )
  })
})

test('the header is read from the wire without looking at the rest', () => {
  expect(readBatchHeader(ndjson(HEADER, 'x'.repeat(10_000)))).toEqual(HEADER)
  expect(readBatchHeader(ndjson(HEADER))).toEqual(HEADER)
  expect(readBatchHeader(Buffer.from('x'.repeat(10_000)))).toBeUndefined()
  expect(readBatchHeader(Buffer.alloc(0))).toBeUndefined()
})
