import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from './run-program.js'
import type { FindOptions, Found, ServerProgram } from './source.js'

const VERSION = '0.7.0b3'
const PYTHONS = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python']
const OLDEST_MINOR = 10
const NEWEST_MINOR = 13
const INSTALL_TIMEOUT_MS = 300_000

/** Source 4: SecantusDB from PyPI in a virtual environment of its own. */
export async function findSecantus({ home, progress }: FindOptions): Promise<Found> {
  const folder = join(home, 'secantus-venv')
  if (await isInstalled(folder)) return { ok: true, program: secantusProgram(folder) }
  const reason = await install(folder, progress)
  if (reason !== undefined) return { ok: false, why: { source: 'secantusdb', reason } }
  return { ok: true, program: secantusProgram(folder) }
}

function secantusProgram(folder: string): ServerProgram {
  return {
    source: 'secantusdb',
    description: `SecantusDB ${VERSION}`,
    command: join(folder, 'bin', 'secantusd-py'),
    args: ({ port, dataPath }) => [
      ...['--host', '127.0.0.1', '--port', String(port), '--storage-path', dataPath],
      ...['--log-level', 'WARNING', '--noop-heartbeat-seconds', '10'],
      // Without it a commit that was acknowledged can be gone after a crash.
      '--sync-on-commit',
    ],
    initiate: async () => undefined,
    uri: (port) => `mongodb://127.0.0.1:${port}/?directConnection=true`,
  }
}

async function isInstalled(folder: string): Promise<boolean> {
  const python = join(folder, 'bin', 'python')
  if (!existsSync(python) || !existsSync(join(folder, 'bin', 'secantusd-py'))) return false
  const asked = await runProgram(
    python,
    ['-c', 'import importlib.metadata as m; print(m.version("secantusdb"))'],
    20_000,
  )
  return asked.ok && asked.output.trim() === VERSION
}

/** Undefined when it worked, else why not. */
async function install(folder: string, progress: FindOptions['progress']): Promise<string | undefined> {
  const python = await findPython()
  if (python === undefined) return `no Python 3.${OLDEST_MINOR} to 3.${NEWEST_MINOR} on PATH`
  progress(`installing SecantusDB ${VERSION} with ${python}, once`)
  rmSync(folder, { recursive: true, force: true })
  const made = await runProgram(python, ['-m', 'venv', folder], 120_000)
  if (!made.ok) return `${python} -m venv failed: ${made.reason}`
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--only-binary', ':all:']
  const installed = await runProgram(
    join(folder, 'bin', 'python'),
    [...pip, `secantusdb==${VERSION}`],
    INSTALL_TIMEOUT_MS,
  )
  return installed.ok ? undefined : `pip install secantusdb==${VERSION} failed: ${installed.reason}`
}

async function findPython(): Promise<string | undefined> {
  for (const python of PYTHONS) {
    const asked = await runProgram(python, ['-c', 'import sys; print(*sys.version_info[:2])'], 10_000)
    if (!asked.ok) continue
    const [major, minor] = asked.output.trim().split(' ').map(Number)
    if (major === 3 && minor !== undefined && minor >= OLDEST_MINOR && minor <= NEWEST_MINOR) return python
  }
  return undefined
}
