import { scrubText } from './redact.js'

export interface CheckReport {
  readonly status: 'ok' | 'failing'
  readonly detail?: string
}

export interface ReadinessReport {
  readonly status: 'ready' | 'starting' | 'stopping' | 'failing'
  readonly checks: Readonly<Record<string, CheckReport>>
}

/** Resolves, with a detail worth showing or nothing, while the dependency works; throws when it does not. */
export type HealthCheck = () => Promise<string | undefined> | string | undefined

export interface Health {
  /** Adds a dependency that `/readyz` asks. */
  add(name: string, check: HealthCheck): void
  setPhase(phase: 'starting' | 'ready' | 'stopping'): void
  /** Asks every dependency, each for at most two seconds. */
  readiness(): Promise<ReadinessReport>
}

const CHECK_TIMEOUT_MS = 2_000

/** Live as long as the process answers; ready while it has started, is not stopping, and its dependencies work. */
export function createHealth(): Health {
  const checks = new Map<string, HealthCheck>()
  let phase: 'starting' | 'ready' | 'stopping' = 'starting'
  return {
    add: (name, check) => void checks.set(name, check),
    setPhase: (next) => {
      phase = next
    },
    readiness: async () => {
      const reports = await Promise.all(
        [...checks].map(async ([name, check]): Promise<[string, CheckReport]> => [name, await runCheck(check)]),
      )
      const failing = reports.some(([, report]) => report.status === 'failing')
      return { status: phase === 'ready' && failing ? 'failing' : phase, checks: Object.fromEntries(reports) }
    },
  }
}

async function runCheck(check: HealthCheck): Promise<CheckReport> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS)
  })
  try {
    const detail = await Promise.race([check(), late])
    return detail === undefined ? { status: 'ok' } : { status: 'ok', detail }
  } catch (error) {
    return { status: 'failing', detail: scrubText(error instanceof Error ? error.message : String(error)) }
  } finally {
    clearTimeout(timer)
  }
}
