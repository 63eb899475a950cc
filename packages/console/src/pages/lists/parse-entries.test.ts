import { describe, expect, it } from 'vitest'
import { parseEntries } from './parse-entries.js'

const read = (text: string) => parseEntries(text).entries.map(({ entry }) => entry)

describe('what was pasted', () => {
  it.each<[what: string, text: string, entries: object[]]>([
    [
      'a line for each',
      '203.0.113.7\r\n10.0.0.0/8\ralice',
      [{ value: '203.0.113.7' }, { value: '10.0.0.0/8' }, { value: 'alice' }],
    ],
    ['with a note', '10.0.0.0/8, Office in Berlin', [{ value: '10.0.0.0/8', note: 'Office in Berlin' }]],
    ['with a day', 'a,,2026-03-01', [{ value: 'a', expires_at: '2026-03-01T00:00:00.000Z' }]],
    [
      'with a time',
      'a;b;2026-03-01T12:00:00+01:00',
      [{ value: 'a', note: 'b', expires_at: '2026-03-01T11:00:00.000Z' }],
    ],
    ['with tabs', 'a\tb\t', [{ value: 'a', note: 'b' }]],
    ['with quotes', '"Doe, John","He said ""no"""', [{ value: 'Doe, John', note: 'He said "no"' }]],
    ['with a header and comments', 'value,note,expires_at\n# ours\n\na', [{ value: 'a' }]],
    ['nothing', ' \n\n', []],
    ['IPv6', '2001:db8::/32', [{ value: '2001:db8::/32' }]],
    ['with spaces inside', '  Mozilla/5.0 (X11)  , bot', [{ value: 'Mozilla/5.0 (X11)', note: 'bot' }]],
    ['a value named like the header further down', 'a\nvalue', [{ value: 'a' }, { value: 'value' }]],
  ])('%s', (_what, text, entries) => expect(read(text)).toEqual(entries))

  it.each([
    ['a,b,tomorrow', 1, /"tomorrow" is no time/],
    ['a\n,b', 2, /no value/],
    ['a,b,2026-01-01,d', 1, /more than three/],
    ['"a', 1, /not closed/],
    ['"a"b', 1, /not closed/],
  ])('%j is wrong in line %i', (text, line, message) => {
    expect(parseEntries(text).problems).toEqual([{ line, message: expect.stringMatching(message) }])
  })

  it('is read in a moment, however long', () => {
    const text = Array.from({ length: 100_000 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255},note`).join('\n')
    expect(parseEntries(text).entries).toHaveLength(100_000)
    expect(parseEntries(`${'"'.repeat(50_000)}a`).problems).toHaveLength(1)
  })
})
