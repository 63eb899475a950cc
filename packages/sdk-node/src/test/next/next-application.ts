import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePorts, readEnvironment, waitUntil } from '@esper/testkit'
import ts from 'typescript'
import type { RunningApplication } from '../../adapters/testing/adapter-suite.js'
import type { EsperOptions } from '../../index.js'
import { applicationFiles, type Major, type MiddlewareRuntime } from './application-files.js'

const root = fileURLToPath(new URL('../../../../../', import.meta.url))
const require = createRequire(import.meta.url)
const run = promisify(execFile)

/** Nothing of the test runner's own reaches the application, its conditions least of all. */
const { PATH, HOME } = readEnvironment()
const BASE = { PATH, HOME, NEXT_TELEMETRY_DISABLED: '1' }

/** A Next.js application of one major, written to disk, built once by `next build` and started by `next start`. */
export class NextApplication {
  readonly #major: Major
  readonly #folder: string
  readonly #running = new Set<ChildProcess>()

  constructor(major: Major) {
    this.#major = major
    // Below the repository, where its packages are found.
    this.#folder = join(root, '.esper', 'next', String(major))
  }

  async build(runtime: MiddlewareRuntime): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true })
    const answering = readFileSync(new URL('../../adapters/testing/application.ts', import.meta.url), 'utf8')
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
    const files = {
      ...applicationFiles(this.#major, runtime),
      'lib/application.js': ts.transpileModule(answering, { compilerOptions: options }).outputText,
    }
    for (const [name, text] of Object.entries(files)) {
      const file = join(this.#folder, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
    if (this.#major === 15) this.#installAlias()
    await run(process.execPath, [this.#program, 'build'], { cwd: this.#folder, env: BASE }).catch(
      ({ stdout, stderr }: { stdout?: string; stderr?: string }) => {
        throw new Error(`next build failed:\n${stdout}\n${stderr}`)
      },
    )
  }

  /** Starts it; `variant` says which of its adapters answers. */
  async start(variant: 'proxy' | 'route', options: EsperOptions): Promise<RunningApplication> {
    const [port = 0] = await freePorts(1)
    const env = {
      ...BASE,
      NODE_OPTIONS: '--max-http-header-size=262144',
      VARIANT: variant,
      ESPER_TEST_OPTIONS: JSON.stringify(options),
    }
    const flags = ['start', '-H', '127.0.0.1', '-p', String(port)]
    const child = spawn(process.execPath, [this.#program, ...flags], { cwd: this.#folder, env })
    this.#running.add(child)
    const lines: string[] = []
    for (const output of [child.stdout, child.stderr])
      createInterface({ input: output }).on('line', (line) => lines.push(line))
    await waitUntil(() => lines.some((line) => line.includes('Ready in')), {
      timeoutMs: 60_000,
      what: `next start:\n${lines.join('\n')}`,
    })
    return { url: `http://127.0.0.1:${port}`, close: () => this.#stop(child) }
  }

  /** Ends what is still running and removes the application. */
  async end(): Promise<void> {
    for (const child of this.#running) await this.#stop(child)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #program(): string {
    return join(
      this.#major === 15 ? join(this.#folder, 'node_modules/next') : dirname(require.resolve('next/package.json')),
      'dist/bin/next',
    )
  }

  /** The older major under its own name, as its own modules ask for it. */
  #installAlias(): void {
    const from = dirname(require.resolve('next-15/package.json'))
    cpSync(from, join(this.#folder, 'node_modules', 'next'), { recursive: true, verbatimSymlinks: true })
  }

  async #stop(child: ChildProcess): Promise<void> {
    if (!this.#running.delete(child)) return
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGKILL')
    await ended
  }
}
