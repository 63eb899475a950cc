import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { field, tableText } from './table.js'

const COLUMNS = [field('name'), field('note'), field('count', 'count', 'right')]
const RECORDS = [
  { name: 'Credential stuffing', note: 'a'.repeat(60), count: 1234567 },
  { name: 'No scrapers', note: '-', count: 5 },
]

function textAt(columns: number | undefined): readonly string[] {
  const stream = new Writable()
  const stdout = columns === undefined ? stream : Object.assign(stream, { columns })
  const terminal = { stdin: process.stdin, stdout, stderr: stream, env: {} }
  return tableText(terminal, COLUMNS, RECORDS).split('\n')
}

describe('a table', () => {
  it('shows everything where there is room', () => {
    expect(textAt(undefined)).toEqual([
      `NAME                 NOTE${' '.repeat(56)}    COUNT`,
      `Credential stuffing  ${'a'.repeat(60)}  1234567`,
      `No scrapers          -${' '.repeat(59)}        5`,
    ])
  })

  it('cuts the widest text, never a number, where the terminal is narrow', () => {
    const lines = textAt(60)
    expect(Math.max(...lines.map((line) => line.length))).toBe(60)
    expect(lines[1]).toMatch(/^Credential stuffing {2}a+… {2}1234567$/)
  })

  it('keeps columns readable where nothing fits', () => {
    expect(textAt(10)[1]).toBe('Credential …  aaaaaaaaaaa…  1234567')
  })
})
