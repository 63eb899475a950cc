import { Readable, Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Evaluator } from '../../expressions/index.js'
import { evaluateLines } from './evaluate-lines.js'

const line = (expression: unknown, input?: unknown) => `${JSON.stringify({ expression, input })}\n`

/** What the lines are answered with, the bytes coming in pieces of this size. */
async function answersTo(text: string | Buffer, pieceBytes = 65_536): Promise<unknown[]> {
  const bytes = Buffer.from(text)
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes))
  const written: string[] = []
  const to = new Writable({
    write: (piece: Buffer, _encoding, done) => {
      written.push(piece.toString())
      done()
    },
  })
  await evaluateLines({ evaluator: new Evaluator(), from: Readable.from(pieces), to })
  return written
    .join('')
    .split('\n')
    .slice(0, -1)
    .map((answer) => JSON.parse(answer))
}

describe('each line gets one answer, in order', () => {
  it('of the value, none when it is missing, and of errors by their stage', async () => {
    const lines = [
      line('a + 1', { a: 2 }),
      line('b', { a: 2 }),
      line('a and', {}),
      line('a > 1', { a: 'x' }),
      line('1'),
    ]
    expect(await answersTo(lines.join(''))).toEqual([
      { ok: true, value: 3 },
      { ok: true },
      expect.objectContaining({ ok: false, stage: 'save', code: 'expression_syntax', line: 1 }),
      { ok: false, stage: 'run', code: 'T2009', message: expect.stringContaining('ordered') },
      { ok: true, value: 1 },
    ])
  })

  it('for a record that is any JSON value', async () => {
    const inputs = [[{ a: 1 }, { a: 2 }], 'text', 5, null, { a: null }, { actions: ['a'], a: true }]
    const answers = await answersTo(inputs.map((input) => line('a', input)).join(''))
    const missing = { ok: true }
    const values = [[1, 2], undefined, undefined, undefined, null, true]
    expect(answers).toEqual(values.map((value) => (value === undefined ? missing : { ok: true, value })))
  })

  it('also one that cannot be read, and goes on', async () => {
    const deep = `{"expression":"a","input":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}\n`
    const bad = ['{"expression"\n', '\n', '[]\n', '{"input": 1}\n', line(7), deep, `${'x'.repeat(8_388_609)}\n`]
    const codes = ['line_not_json', 'line_not_json', 'line_malformed', 'line_malformed', 'line_malformed']
    const answers = await answersTo([...bad, line('"still"')].join(''))
    expect(answers).toEqual([
      ...[...codes, 'input_too_deep', 'line_too_long'].map((code) => expect.objectContaining({ ok: false, code })),
      { ok: true, value: 'still' },
    ])
    const broken = Buffer.concat([Buffer.from('{"expression":"'), Buffer.from([0xff]), Buffer.from('"}\n')])
    expect(await answersTo(broken)).toEqual([expect.objectContaining({ code: 'line_not_json' })])
  })

  it('whatever the pieces the bytes come in, with or without an end of the last line', async () => {
    const text = [line('"ü\u2028" & a', { a: 'é\r' }), line('2')].join('')
    for (const pieceBytes of [1, 2, 3, 7, 1_000]) {
      const wanted = [
        { ok: true, value: 'ü\u2028é\r' },
        { ok: true, value: 2 },
      ]
      expect(await answersTo(text, pieceBytes)).toEqual(wanted)
      expect(await answersTo(text.trimEnd(), pieceBytes)).toEqual(wanted)
    }
  })
})

it('reads no faster than its answers are taken', async () => {
  const pieces = 1_000
  let read = 0
  function* source() {
    for (; read < pieces; read++) yield Buffer.from(line('a', { a: read }))
  }
  const taken: (() => void)[] = []
  const to = new Writable({ highWaterMark: 64, write: (_piece, _encoding, done) => void taken.push(done) })
  const done = evaluateLines({ evaluator: new Evaluator(), from: Readable.from(source()), to })
  for (let turn = 0; turn < 100; turn++) await setImmediate()
  expect(read).toBeLessThan(50)
  while (read < pieces || taken.length > 0) {
    taken.shift()?.()
    await setImmediate()
  }
  await done
  expect(read).toBe(pieces)
})
