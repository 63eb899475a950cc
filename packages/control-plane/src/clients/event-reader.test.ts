import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventParser } from './event-reader.js'

test('events come out whole, wherever the text is cut', () => {
  const text = ': comment\n\nid: 7\nevent: mitigation\ndata: {"a":1}\n\ndata: plain\n\nevent: empty\n\n'
  const expected = [
    { event: 'mitigation', data: '{"a":1}', id: '7' },
    { event: 'message', data: 'plain', id: undefined },
  ]
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 10 }), (cuts) => {
      const parser = new EventParser()
      const edges = [0, ...[...cuts].sort((a, b) => a - b), text.length]
      const events = edges.slice(1).flatMap((end, index) => [...parser.push(text.slice(edges[index], end))])
      expect(events).toEqual(expected)
    }),
  )
})

test('an event without end is refused before memory is', () => {
  const parser = new EventParser()
  expect(() => {
    for (let chunk = 0; chunk < 100; chunk += 1) parser.push('x'.repeat(100_000))
  }).toThrow('too large')
})
