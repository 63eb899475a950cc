import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { BatchRefused, BatchSender } from '../../clients/batch-sender.js'
import { readEnvironment } from '../../config/environment.js'
import type { FormatName } from '../../traffic-import/formats/log-format.js'
import { ImportFailed, type ImportTarget, importLog } from '../../traffic-import/import-log.js'
import { isForPrograms, printJson } from '../expression/output.js'
import { EXIT_CONFIG, printError, printProblems } from '../run-service.js'
import { VERSION } from '../version.js'
import { printSummary } from './print-summary.js'
import { showProgress } from './show-progress.js'

export interface ImportFlags {
  readonly format?: FormatName
  readonly url?: string
  readonly keyId?: string
  readonly secretFile?: string
  readonly state?: string
  readonly restart: boolean
  readonly dryRun: boolean
  readonly json: boolean
}

const NAME = 'esper traffic import'
const EXIT_FAILED = 1
const EXIT_INTERRUPTED = 130

/** `esper traffic import`. Resolves with the exit code. */
export async function importTraffic(path: string, flags: ImportFlags): Promise<number> {
  const found = flags.dryRun ? { ok: true as const, target: undefined } : await findTarget(flags)
  if (!found.ok) {
    printProblems(NAME, found.problems)
    return EXIT_CONFIG
  }
  const ended = new AbortController()
  const end = () => ended.abort()
  process.once('SIGINT', end).once('SIGTERM', end)
  const progress = showProgress()
  const { target } = found
  try {
    const { format } = flags
    const options = { path, format, sdk: `esper-import/${VERSION}`, target, signal: ended.signal }
    const summary = await importLog({ ...options, onProgress: progress.update })
    progress.stop()
    if (isForPrograms(flags)) printJson(summary)
    else printSummary(summary, target?.url)
    return summary.interrupted ? EXIT_INTERRUPTED : 0
  } catch (error) {
    progress.stop()
    printError(NAME, error)
    if (error instanceof BatchRefused)
      process.stderr.write('What was accepted stays; the next run goes on from there.\n')
    return error instanceof BatchRefused ? EXIT_FAILED : exitCodeOf(error)
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end)
    await target?.sender.close()
  }
}

/** A log that cannot be read is the command line's mistake. */
function exitCodeOf(error: unknown): number {
  const isSystemError = error instanceof Error && 'code' in error
  return error instanceof ImportFailed || isSystemError ? EXIT_CONFIG : EXIT_FAILED
}

type FoundTarget =
  | { readonly ok: true; readonly target: ImportTarget }
  | { readonly ok: false; readonly problems: readonly string[] }

async function findTarget(flags: ImportFlags): Promise<FoundTarget> {
  const env = readEnvironment()
  const { ESPER_URL, ESPER_KEY_ID, ESPER_SECRET } = env
  const problems: string[] = []
  const url = parseUrl(flags.url ?? ESPER_URL)
  if (url === undefined) problems.push('--url or ESPER_URL: an http or https address of esper-server is needed')
  const keyId = flags.keyId ?? ESPER_KEY_ID ?? ''
  if (keyId === '') problems.push('--key-id or ESPER_KEY_ID: the id of an API key is needed')
  let secret = ESPER_SECRET ?? ''
  if (flags.secretFile !== undefined) {
    const read = await readFile(flags.secretFile, 'utf8').catch((error: unknown) => String(error))
    secret = read.trim()
    if (read.startsWith('Error:')) problems.push(`--secret-file: ${read}`)
  }
  if (secret === '') problems.push("--secret-file or ESPER_SECRET: the key's secret is needed")
  if (url === undefined || problems.length > 0) return { ok: false, problems }
  const stateFolder = flags.state ?? join(env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'esper', 'imports')
  const sender = new BatchSender({ url, keyId, secret })
  return { ok: true, target: { sender, url, keyId, stateFolder, restart: flags.restart } }
}

function parseUrl(text: string | undefined): URL | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return /^https?:$/.test(url.protocol) ? url : undefined
}
