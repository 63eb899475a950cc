import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { createEsper, type Esper, type EsperOptions } from '../../index.js'
import { KEYID, SECRET } from '../../test/control-plane.js'
import { Harness } from '../../test/harness.js'
import type { AdapterCase, Traits } from './adapter-case.js'
import { BODY_CASES } from './body-cases.js'
import { CHALLENGE_CASES } from './challenge-cases.js'
import { DECISION_CASES } from './decision-cases.js'
import { MODE_CASES } from './mode-cases.js'
import { REQUEST_CASES } from './request-cases.js'
import { RESPONSE_CASES } from './response-cases.js'
import { Site } from './site.js'

/** The test application of `application.ts`, running in a framework behind Esper. */
export interface RunningApplication {
  readonly url: string
  close(): Promise<void>
}

export interface AdapterUnderTest {
  readonly name: string
  readonly traits?: Partial<Traits>
  /** Starts the test application with a client of these options. */
  start(options: EsperOptions): Promise<RunningApplication>
}

const ALL: Traits = {
  seesResponse: true,
  seesWire: true,
  decidesAgain: true,
  readsBodies: true,
  callsBeforeBodyEnds: true,
}

const CASES: readonly AdapterCase[] = [
  ...DECISION_CASES,
  ...CHALLENGE_CASES,
  ...BODY_CASES,
  ...RESPONSE_CASES,
  ...REQUEST_CASES,
  ...MODE_CASES,
]

/** Runs every case against an adapter, from its framework's real package. */
export function describeAdapter(adapter: AdapterUnderTest): void {
  const traits = { ...ALL, ...adapter.traits }
  describe(adapter.name, () => {
    vi.setConfig({ testTimeout: 60_000, hookTimeout: 240_000 })
    const harness = new Harness()
    const sites = new Map<string, Site>()
    const applications: RunningApplication[] = []

    async function siteWith(options: EsperOptions): Promise<Site> {
      const key = JSON.stringify(options)
      const known = sites.get(key)
      if (known !== undefined) return known
      const { controlPlane } = harness
      const common = { url: controlPlane.url, keyId: KEYID, secret: SECRET, snapshotDir: 'off', maxBatchAgeMs: 10 }
      const application = await adapter.start({ ...common, trustProxy: 1, ...options })
      applications.push(application)
      const site = new Site(application.url, controlPlane)
      sites.set(key, site)
      return site
    }

    beforeAll(async () => {
      await harness.start()
      await siteWith({})
    })
    afterAll(async () => {
      for (const application of applications) await application.close()
      await harness.end()
    })

    for (const { name, needs, options = {}, run } of CASES) {
      if (needs !== undefined && !traits[needs]) continue
      it(name, async () => {
        const site = await siteWith(options)
        await run(site)
      })
    }
  })
}

/** For adapters that run in this process: the client, ended with the application. */
export async function inProcess(
  options: EsperOptions,
  listen: (esper: Esper) => Promise<RunningApplication>,
): Promise<RunningApplication> {
  const errors: string[] = []
  const note = (message: string) => void errors.push(message)
  const logger = { debug() {}, info() {}, warn: note, error: note }
  const esper = createEsper({ logger, ...options })
  const application = await listen(esper)
  return {
    url: application.url,
    async close() {
      await application.close()
      await esper.close({ timeoutMs: 0 })
      if (esper.status().counts.errors > 0) throw new Error(`Esper failed: ${errors.join(' ')}`)
    },
  }
}
