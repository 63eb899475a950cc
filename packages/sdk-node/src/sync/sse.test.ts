import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ServerSentEvent, SseParser, StreamBroken } from './sse.js'

const whole = (text: string) => new SseParser().push(text)

describe('server-sent events', () => {
  it('are read with their names, ids and data, whatever ends the lines', () => {
    const text =
      ': comment\nevent: a\nid: 7\ndata: one\ndata:  two\nother: x\n\nevent: b\r\ndata:{"x":1}\r\n\r\ndata\n\n'
    expect(whole(text)).toEqual([
      { event: 'a', id: '7', data: 'one\n two' },
      { event: 'b', id: '', data: '{"x":1}' },
      { event: 'message', id: '', data: '' },
    ])
  })

  it('without data are none', () => expect(whole('event: a\nid: 1\n\n\n\n')).toEqual([]))

  it('come out the same however they were cut', () => {
    const text = 'event: a\ndata: one\n\nevent: b\r\nid: 3\r\ndata: two\r\n\r\n: beat\n\ndata: thrée\n\n'
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 40, maxLength: 60 }), (sizes) => {
        const parser = new SseParser()
        const events: ServerSentEvent[] = []
        let at = 0
        for (const size of [...sizes, text.length]) {
          events.push(...parser.push(text.slice(at, at + size)))
          at += size
        }
        expect(events).toEqual(whole(text))
      }),
    )
  })

  it('that never end break the stream instead of the memory', () => {
    const parser = new SseParser()
    const flood = () => {
      for (let n = 0; n < 20; n += 1) parser.push('x'.repeat(100_000))
    }
    expect(flood).toThrow(StreamBroken)
  })
})
