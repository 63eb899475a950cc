import type { EsperStatus } from './esper-status.js'

/** One thing that was looked at. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'failing'
  readonly what: 'mode' | 'control_plane' | 'clock' | 'bundle' | 'policies' | 'delivery' | 'address' | 'errors'
  readonly text: string
}

/** What `esper.doctor()` found. As text it is one line a finding. */
export interface DoctorReport {
  /** Whether nothing is failing. */
  readonly ok: boolean
  readonly findings: readonly Finding[]
  toString(): string
}

/** An attempt to reach the control plane now: its answer's status, or why there was none. */
export interface Probe {
  readonly url: string
  readonly ms: number
  readonly status?: number
  readonly cause?: string
}

const CLOCK_WARNING_MS = 30_000

const ok = (what: Finding['what'], text: string): Finding => ({ level: 'ok', what, text })
const warning = (what: Finding['what'], text: string): Finding => ({ level: 'warning', what, text })
const failing = (what: Finding['what'], text: string): Finding => ({ level: 'failing', what, text })

/** Says what a status means, and what to do about it. */
export function diagnose(status: EsperStatus, probe?: Probe): DoctorReport {
  const findings =
    status.mode === 'disabled'
      ? [warning('mode', 'Esper is disabled (option "disabled" or ESPER_DISABLE): every request passes.')]
      : [
          modeFinding(status),
          ...(probe === undefined ? [] : [probeFinding(probe)]),
          clockFinding(status),
          bundleFinding(status),
          ...policyFindings(status),
          deliveryFinding(status),
          ...addressFindings(status),
          ...errorFindings(status),
        ]
  return {
    ok: findings.every(({ level }) => level !== 'failing'),
    findings,
    toString: () => findings.map(({ level, what, text }) => `${level.padEnd(7)} ${what}: ${text}`).join('\n'),
  }
}

function modeFinding({ mode, bundle }: EsperStatus): Finding {
  if (mode === 'monitor')
    return warning('mode', 'Monitor mode: nothing is enforced. Unset "mode" or ESPER_MODE to enforce.')
  if (bundle.enforcement === 'monitor') return warning('mode', 'The tenant is in Monitor: nothing is enforced.')
  return ok('mode', 'Decisions are enforced.')
}

function probeFinding({ url, ms, status, cause }: Probe): Finding {
  if (cause !== undefined) return failing('control_plane', `${url} does not answer: ${cause} after ${ms} ms.`)
  if (status === 401 || status === 403) {
    return failing('control_plane', `${url} refuses the key (${status}). Check "keyId" and "secret".`)
  }
  if (status !== 200 && status !== 304) {
    return failing('control_plane', `${url} answers with ${status}. Is it an Esper server?`)
  }
  return ok('control_plane', `${url} answers in ${ms} ms.`)
}

function clockFinding({ sync }: EsperStatus): Finding {
  const seconds = Math.round(sync.clockOffsetMs / 1000)
  if (Math.abs(sync.clockOffsetMs) <= CLOCK_WARNING_MS)
    return ok('clock', `Within ${Math.abs(seconds)} s of the server's.`)
  const direction = seconds > 0 ? 'behind' : 'ahead of'
  return warning(
    'clock',
    `${Math.abs(seconds)} s ${direction} the server's. Esper corrects for it; set the machine's clock.`,
  )
}

function bundleFinding({ bundle }: EsperStatus): Finding {
  const { state, origin, revision, enforces, refused, lastRefusal } = bundle
  const refusals = refused === 0 ? '' : ` ${refused} refused, the last because of ${lastRefusal}.`
  if (state === 'never_loaded') return failing('bundle', `None was loaded yet: every request passes.${refusals}`)
  const from = { control_plane: 'the control plane', disk: 'the copy on disk', file: 'a local file', none: 'nowhere' }[
    origin
  ]
  const text = `Revision ${revision} from ${from}, ${state}.${refusals}`
  if (state === 'expired') {
    const what = enforces === 'nothing' ? 'Nothing is enforced.' : 'Only mitigations that fail closed are enforced.'
    return failing('bundle', `${text} ${what}`)
  }
  return state === 'stale' || refused > 0 ? warning('bundle', text) : ok('bundle', text)
}

function policyFindings({ bundle }: EsperStatus): Finding[] {
  return bundle.problems.map(({ resource, id, message }) =>
    warning('policies', `The ${resource} ${id} cannot be used by this version: ${message}`),
  )
}

function deliveryFinding({ delivery }: EsperStatus): Finding {
  const { state, queued, in_flight: inFlight, accepted, recorded, dropped, earlier } = delivery
  if (state === 'off') return ok('delivery', 'No control plane: events are not recorded.')
  const lost = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`)
  const text = `${accepted} of ${recorded} events accepted, ${queued + inFlight} on their way${lost.length === 0 ? '' : `, lost: ${lost.join(', ')}`}.`
  if (state === 'refused') return failing('delivery', `The key is refused; events wait. ${text}`)
  if (state === 'retrying') return failing('delivery', `Events cannot be delivered and wait. ${text}`)
  if (earlier.lost + earlier.uncertain > 0) {
    const before = `A process before this one lost ${earlier.lost} events and ${earlier.uncertain} perhaps; call close() before the end.`
    return warning('delivery', `${text} ${before}`)
  }
  return lost.length === 0 ? ok('delivery', text) : warning('delivery', text)
}

function addressFindings({ address }: EsperStatus): Finding[] {
  const parts = address.parts.map(({ part, from }) => `${part} from ${from}`)
  const where = parts.length === 0 ? 'No request was seen yet.' : `Last request: ${parts.join(', ')}.`
  return [ok('address', where), ...(address.warning === undefined ? [] : [warning('address', address.warning)])]
}

function errorFindings({ counts }: EsperStatus): Finding[] {
  if (counts.errors === 0) return []
  return [
    warning('errors', `${counts.errors} failures inside Esper; those requests passed. The log names each kind once.`),
  ]
}
