import { type Logger, silentLogger } from '@esper/core'
import { waitUntil } from '@esper/testkit'
import { expect } from 'vitest'
import type { Esper, EsperOptions, EsperStatus } from '../../index.js'
import { Harness } from '../harness.js'
import { Applications, type Comparison, isWithinNoise, KINDS, type Kind } from './under-load.js'

const MOST_GROWTH = 6_000_000

/** What a scenario showed, for the table at the end of a file. */
const shown: string[] = []

/** Prints what the scenarios of a file showed: p99 with Esper ÷ without, each in one run. */
export function printComparisons(): void {
  console.info(shown.splice(0).join('\n'))
}

export interface Failure {
  /** For the table. */
  readonly name: string
  readonly options?: EsperOptions
  /** Makes it fail; before the client starts, or after it is ready. */
  readonly breaks: (harness: Harness) => void | Promise<void>
  readonly when: 'before_start' | 'when_ready'
  /** What the one line in the log must name. */
  readonly names: RegExp
  /** Whether the failure shows in the status. */
  readonly counted: (status: EsperStatus) => boolean
  /** Makes it work again; absent where nothing can. */
  readonly mends?: (harness: Harness) => void | Promise<void>
  /** What must come back by itself. Default: the stream, and everything delivered. */
  readonly recovered?: (status: EsperStatus) => boolean
}

/**
 * One failure, as an application lives through it: under load it answers as without Esper and as fast, nothing is
 * thrown, memory stays, the cause is named once in the log and counted, and all is well again when it is over.
 */
export async function liveThrough(failure: Failure): Promise<void> {
  const harness = await new Harness().start()
  const { logger, lines } = problemLogger()
  const thrown: unknown[] = []
  const keep = (error: unknown) => void thrown.push(error)
  process.on('uncaughtException', keep).on('unhandledRejection', keep)
  try {
    const esper = await startBroken(harness, failure, logger)
    for (const kind of KINDS) await loadOnce(kind, esper, failure.name)
    await until(`${failure.name} in the log`, () => lines.some((line) => failure.names.test(line)))
    await until(`${failure.name} in the status`, () => failure.counted(esper.status()))
    expect(lines.filter((line) => failure.names.test(line))).toHaveLength(1)
    expect(balanceOf(esper.status())).toBe(0)
    if (failure.mends !== undefined) {
      await failure.mends(harness)
      await until(`the recovery from ${failure.name}`, () => (failure.recovered ?? isWell)(esper.status()))
    }
    expect(thrown).toEqual([])
    expect(esper.status().counts.errors).toBe(0)
  } finally {
    process.off('uncaughtException', keep).off('unhandledRejection', keep)
    await harness.end()
  }
}

export const until = (what: string, ask: () => boolean) => waitUntil(ask, { everyMs: 10, timeoutMs: 30_000, what })

async function startBroken(harness: Harness, failure: Failure, logger: Logger): Promise<Esper> {
  // A small queue, so that it is full early and memory must stay from then on.
  const options = { logger, maxQueueEvents: 200, timeoutMs: 400, ...failure.options }
  if (failure.when === 'before_start') {
    await failure.breaks(harness)
    return harness.client(options)
  }
  const esper = await harness.ready(options)
  await failure.breaks(harness)
  return esper
}

async function loadOnce(kind: Kind, esper: Esper, name: string): Promise<void> {
  const applications = await Applications.start(kind, esper)
  try {
    const comparison = await applications.compare()
    shown.push(line(name, kind, comparison))
    expect(comparison.different).toBe(0)
    expect(comparison.heapGrowth).toBeLessThan(MOST_GROWTH)
    expect(comparison).toSatisfy(isWithinNoise)
  } finally {
    await applications.close()
  }
}

function line(name: string, kind: Kind, { ratio, moreMs, heapGrowth }: Comparison): string {
  const p99 = `p99 ${ratio.toFixed(2)}x (${moreMs >= 0 ? '+' : ''}${moreMs.toFixed(1)} ms)`
  return `${name.padEnd(34)} ${kind.padEnd(10)} ${p99.padEnd(24)} heap ${(heapGrowth / 1e6).toFixed(1)} MB`
}

/** Keeps warnings and errors; what is said at other levels does not count. */
function problemLogger(): { readonly logger: Logger; readonly lines: readonly string[] } {
  const lines: string[] = []
  const keep = (message: string, data?: object) => void lines.push(`${message} ${JSON.stringify(data ?? {})}`)
  return { logger: { ...silentLogger, warn: keep, error: keep }, lines }
}

function isWell({ sync, delivery, bundle }: EsperStatus): boolean {
  const delivered = delivery.state === 'sending' && delivery.queued + delivery.in_flight === 0
  return sync.mode === 'stream' && bundle.state === 'fresh' && delivered
}

function balanceOf({ delivery }: EsperStatus): number {
  const { recorded, accepted, dropped, queued, in_flight: inFlight, uncertain } = delivery
  const lost = Object.values(dropped).reduce((sum, each) => sum + each, 0)
  return recorded - accepted - lost - queued - inFlight - uncertain
}
