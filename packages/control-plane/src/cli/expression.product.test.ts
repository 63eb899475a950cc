import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'esper-expression-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The program as npm links it. */
async function esper(args: readonly string[], input = ''): Promise<Ran> {
  const child = spawn(join(root, 'node_modules/.bin/esper'), ['expression', ...args], { cwd: root })
  let out = ''
  let err = ''
  child.stdout.on('data', (piece: Buffer) => (out += piece))
  child.stderr.on('data', (piece: Buffer) => (err += piece))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  await once(child, 'close')
  return { code: child.exitCode, out, err }
}

describe('esper expression check', () => {
  it('accepts, with the fields that are read and warnings', async () => {
    const { code, out } = await esper(['check', 'usr_agent = "curl" or $contains(request_path, /^\\/a/)'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      ok: true,
      fields: ['usr_agent', 'request_path'],
      warnings: [expect.objectContaining({ code: 'field_unknown', instead: 'user_agent', line: 1, column: 1 })],
    })
  })

  it('refuses with the place and what to write instead, by exit code 1', async () => {
    const { code, out } = await esper(['check', 'request_path == "/"'])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ ok: false, errors: [{ code: 'expression_syntax', line: 1, column: 15 }] })
  })

  it('knows what the expression is for, and which cookies are in clear', async () => {
    expect((await esper(['check', '"login" in actions', '--kind', 'action'])).code).toBe(1)
    expect((await esper(['check', 'cookies.flow = "a"'])).code).toBe(1)
    expect((await esper(['check', 'cookies.flow = "a"', '--clear-cookie', 'flow'])).code).toBe(0)
  })
})

describe('esper expression eval', () => {
  it('evaluates on a file or on standard input', async () => {
    const file = join(folder, 'event.json')
    writeFileSync(file, '{"user_agent": "curl/8", "actions": ["login"]}')
    const fromFile = await esper(['eval', '$contains(user_agent, /curl/) and "login" in actions', '--fields', file])
    expect({ code: fromFile.code, answer: JSON.parse(fromFile.out) }).toEqual({
      code: 0,
      answer: { ok: true, value: true },
    })
    const piped = await esper(['eval', 'body.a', '--fields', '-'], '{"body": {}}')
    expect({ code: piped.code, answer: JSON.parse(piped.out) }).toEqual({ code: 0, answer: { ok: true } })
  })

  it('tells by its exit code what went wrong', async () => {
    expect((await esper(['eval', 'a and', '--fields', '-'], '{}')).code).toBe(1)
    expect((await esper(['eval', 'a > 1', '--fields', '-'], '{"a": "x"}')).code).toBe(3)
    for (const args of [
      ['eval', 'a'],
      ['eval', 'a', '--fields', join(folder, 'none.json')],
      ['eval', 'a', '--stdin'],
      ['eval', '--fields', '-'],
      ['eval', 'a', '--fields', '-', '--kind', 'other'],
    ]) {
      const { code, err, out } = await esper(args, '{')
      expect({ args, code, out }).toEqual({ args, code: 2, out: '' })
      expect(err).not.toBe('')
    }
  })

  it('answers a hundred thousand lines, in order', { timeout: 120_000 }, async () => {
    const lines = 100_000
    const input = Array.from({ length: lines }, (_, at) =>
      JSON.stringify({ expression: at % 2 === 0 ? 'n + 1' : `"v" & n & "${at % 1_500}"`, input: { n: at } }),
    )
    const { code, out } = await esper(['eval', '--stdin'], `${input.join('\n')}\n`)
    expect(code).toBe(0)
    const answers = out.split('\n')
    expect(answers.pop()).toBe('')
    expect(answers).toHaveLength(lines)
    const wanted = (at: number) => ({ ok: true, value: at % 2 === 0 ? at + 1 : `v${at}${at % 1_500}` })
    expect(answers.findIndex((answer, at) => answer !== JSON.stringify(wanted(at)))).toBe(-1)
  })
})

it('explains itself with examples and exit codes', async () => {
  for (const command of ['check', 'eval']) {
    const { code, out } = await esper([command, '--help'])
    expect(code).toBe(0)
    for (const part of ['Examples:', 'Exit codes:', `esper expression ${command} `]) expect(out).toContain(part)
  }
})
