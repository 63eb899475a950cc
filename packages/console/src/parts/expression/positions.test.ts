import { describe, expect, it } from 'vitest'
import { offsetOf, paint, underlineOf } from './positions.js'
import { tokenize } from './tokens.js'

const kinds = (source: string) =>
  tokenize(source)
    .filter((token) => token.kind !== 'text')
    .map((token) => `${token.kind}:${source.slice(token.start, token.end)}`)

describe('tokenize', () => {
  it('tells words, functions, fields, texts, patterns and numbers apart', () => {
    expect(kinds('request_method = "POST" and $contains(path, /^\\/a[/]b/i) or n > 1.5')).toEqual([
      'field:request_method',
      'string:"POST"',
      'word:and',
      'function:$contains',
      'field:path',
      'pattern:/^\\/a[/]b/i',
      'word:or',
      'field:n',
      'number:1.5',
    ])
  })

  it('takes a slash after a value as a division', () => {
    expect(kinds('a / b / c')).toEqual(['field:a', 'field:b', 'field:c'])
  })

  it.each(['"open', "'open", '/open', '`open', '/* open', '$', '\\', '"a\\', 'a\n\tb', '🦊 = "🦊"'])(
    'loses nothing of %j, finished or not',
    (source) => {
      expect(
        tokenize(source)
          .map((token) => source.slice(token.start, token.end))
          .join(''),
      ).toBe(source)
    },
  )
})

describe('positions', () => {
  const source = 'a = 1\nand $containss(b, "c")'

  it('counts lines and columns from 1', () => {
    expect(offsetOf(source, { line: 1, column: 1 })).toBe(0)
    expect(offsetOf(source, { line: 2, column: 5 })).toBe(source.indexOf('$containss'))
  })

  it('stays inside the text whatever the position', () => {
    expect(offsetOf(source, { line: 1, column: 99 })).toBe(5)
    expect(offsetOf(source, { line: 9, column: 1 })).toBe(source.length)
    expect(offsetOf('', { line: 1, column: 1 })).toBe(0)
  })

  it('underlines the piece at a position, or as much as it is told', () => {
    const start = source.indexOf('$containss')
    expect(underlineOf(source, { line: 2, column: 5 })).toEqual({ start, end: start + '$containss'.length })
    expect(underlineOf(source, { line: 2, column: 5, length: 3 })).toEqual({ start, end: start + 3 })
  })

  it('underlines the last character when something is missing at the end', () => {
    expect(underlineOf('a =', { line: 1, column: 4 })).toEqual({ start: 2, end: 3 })
  })

  it('marks exactly what is underlined and keeps the text whole', () => {
    const pieces = paint(source, [{ line: 2, column: 5, length: 10 }])
    expect(pieces.map((piece) => piece.text).join('')).toBe(source)
    expect(pieces.filter((piece) => piece.marked).map((piece) => piece.text)).toEqual(['$containss'])
  })
})
