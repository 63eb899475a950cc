import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { runProgram } from '../program.js'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  /** What standard input holds. */
  readonly input?: string
  /** Whether somebody looks at a terminal. */
  readonly tty?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** The program as somebody with a home of their own types it. */
export interface Esper {
  readonly home: string
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** What it prints as JSON; it must succeed. */
  json(args: readonly string[], options?: RunOptions): Promise<unknown>
  remove(): void
}

export function createEsper(env: Readonly<Record<string, string>> = {}): Esper {
  const home = mkdtempSync(join(tmpdir(), 'esper-cli-'))
  const run = async (args: readonly string[], { input = '', tty = false, env: more = {} }: RunOptions = {}) => {
    const [stdout, stderr] = [collector(tty), collector(tty)]
    const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)])
    const code = await runProgram(args, {
      stdin,
      stdout: stdout.stream,
      stderr: stderr.stream,
      env: { ESPER_CONFIG_HOME: home, ...env, ...more },
    })
    return { code, out: stdout.text(), err: stderr.text() }
  }
  return {
    home,
    run,
    json: async (args, options) => {
      const ran = await run(args, options)
      if (ran.code !== 0) throw new Error(`esper ${args.join(' ')} ended with ${ran.code}: ${ran.err}`)
      return JSON.parse(ran.out)
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}

function collector(isTTY: boolean) {
  const written: string[] = []
  const stream = new Writable({
    write: (piece: Buffer, _encoding, done) => {
      written.push(piece.toString())
      done()
    },
  })
  return { stream: Object.assign(stream, { isTTY }), text: () => written.join('') }
}
