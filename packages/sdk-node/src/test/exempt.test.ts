import { createSecretKey } from 'node:crypto'
import type { BundleExemption, MitigationDelta } from '@esper/core'
import { waitUntil } from '@esper/testkit'
import type express from 'express'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Esper } from '../index.js'
import { mac } from '../platform/crypto.js'
import { equals, mitigation, policy, program } from './bundle-fixture.js'
import { Harness, send } from './harness.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let harness: Harness
beforeEach(async () => {
  harness = await new Harness().start()
})
afterEach(() => harness.end())

const until = (what: string, ask: () => boolean) => waitUntil(ask, { everyMs: 5, timeoutMs: 20_000, what })
const hello = (app: express.Express) => {
  app.use((request, response) => void response.json({ seen: request.esper?.decision ?? null }))
}
const office: BundleExemption = {
  exemption_id: 'exm_office',
  name: 'Our office',
  program: equals('client_ip', '127.0.0.1'),
}
const limit = policy('limit', '/login', {
  mitigation_id: 'mit_block',
  entity_definition_id: 'ent_ip',
  window: { seconds: 60, threshold: 3 },
})

function put(exemptions: readonly BundleExemption[], policies = [limit]): void {
  harness.controlPlane.bundle = { ...harness.controlPlane.bundle, policies, exemptions }
}

async function statuses(url: string, times: number): Promise<number[]> {
  const seen: number[] = []
  for (let index = 0; index < times; index++) seen.push((await send(`${url}/login`)).status)
  return seen
}

async function publish(esper: Esper, exemptions: readonly BundleExemption[]): Promise<void> {
  harness.controlPlane.publish({ exemptions })
  const { revision } = harness.controlPlane.bundle
  await until('the new bundle', () => esper.status().bundle.revision === revision)
}

/** The control plane's word that 127.0.0.1 is held. */
function held(sequence: number, ms = 60_000): MitigationDelta {
  const now = Date.now()
  const key = createSecretKey(harness.controlPlane.shared.entity)
  return {
    kind: 'upsert',
    mitigation: {
      active_mitigation_id: `am_${sequence}`,
      policy_id: 'pol_limit',
      mitigation_id: 'mit_block',
      counting_scope: 'tenant',
      entity_key: mac(key, '[["client_ip","127.0.0.1"]]'),
      since: now,
      expires_at: now + ms,
      sequence,
    },
  }
}

describe('an exempt request', () => {
  it('meets nothing and counts nowhere, and its event says so', async () => {
    put([office])
    const esper = await harness.ready()
    const url = await harness.app(esper, hello)
    expect(await statuses(url, 5)).toEqual([200, 200, 200, 200, 200])
    expect(esper.status()).toMatchObject({ counts: { exempt: 5 }, mitigations: { blocks: 0 } })
    const answer = JSON.parse((await send(`${url}/login`)).body)
    expect(answer.seen).toMatchObject({
      outcome: 'pass',
      enforced: false,
      exempt: true,
      exemptionId: 'exm_office',
      exemptionName: 'Our office',
    })
    await until('the events', () => harness.controlPlane.events.length === 6)
    for (const { decision } of harness.controlPlane.events) {
      expect(decision).toEqual({ revision: 1, enforced: false, exemption_id: 'exm_office' })
    }
    await publish(esper, [])
    expect(await statuses(url, 3)).toEqual([200, 200, 429])
  })

  it('says what would have happened', async () => {
    const deny = policy('deny', '/login', { mitigation_id: 'mit_block' })
    put([office], [deny])
    const url = await harness.app(await harness.ready(), hello)
    const answer = await send(`${url}/login`)
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body).seen).toMatchObject({
      outcome: 'block',
      policyId: 'pol_deny',
      enforced: false,
      exempt: true,
    })
    await until('the event', () => harness.controlPlane.events.length === 1)
    expect(harness.controlPlane.events[0]?.decision).toEqual({
      revision: 1,
      enforced: false,
      exemption_id: 'exm_office',
      policy_id: 'pol_deny',
      outcome: 'block',
      origin: 'policy',
    })
  })

  it('beats an active mitigation, which holds again when the exemption is gone', async () => {
    put([])
    const esper = await harness.ready()
    const url = await harness.app(esper, hello)
    harness.controlPlane.mitigate([held(1)])
    await until('the mitigation', () => esper.status().mitigations.blocks === 1)
    expect(await statuses(url, 1)).toEqual([429])
    await publish(esper, [office])
    expect(await statuses(url, 2)).toEqual([200, 200])
    await until('the events', () => harness.controlPlane.events.length === 3)
    expect(harness.controlPlane.events[2]?.decision).toMatchObject({
      exemption_id: 'exm_office',
      outcome: 'block',
      enforced: false,
      origin: 'active_mitigation',
      active_mitigation_id: 'am_1',
    })
    await publish(esper, [])
    expect(await statuses(url, 1)).toEqual([429])
  })

  it('stops being one by itself when the exemption expires', async () => {
    const deny = policy('deny', '/login', { mitigation_id: 'mit_block' })
    put([{ ...office, expires_at: Date.now() - 1 }], [deny])
    const esper = await harness.ready()
    const url = await harness.app(esper, hello)
    expect(await statuses(url, 1)).toEqual([429])
    const expiresAt = Date.now() + 2_000
    await publish(esper, [{ ...office, expires_at: expiresAt }])
    const seen: number[] = []
    await waitUntil(
      async () => {
        const [status = 0] = await statuses(url, 1)
        seen.push(status)
        return status === 429 && Date.now() >= expiresAt
      },
      { everyMs: 50, timeoutMs: 20_000, what: 'the end of the exemption' },
    )
    const { events } = harness.controlPlane
    await until('the events', () => harness.controlPlane.events.length === seen.length + 1)
    for (const { observed_at: at, decision } of events.slice(1)) {
      expect(decision?.enforced).toBe(at >= expiresAt)
    }
    expect(esper.status().bundle.revision).toBe(2)
  })

  it('is exempt past the time of the bundle too, where a mitigation fails closed', async () => {
    const closed = mitigation('Block', { mitigation_id: 'mit_closed', fail_mode: 'closed' })
    harness.controlPlane.bundle = {
      ...harness.controlPlane.bundle,
      mitigations: [closed],
      policies: [policy('a', '/login', { mitigation_id: 'mit_closed' })],
      exemptions: [{ ...office, program: equals('user_agent', 'probe') }],
      not_after: Date.now() + 3_000,
    }
    const esper = await harness.ready()
    const url = await harness.app(esper, hello)
    await harness.controlPlane.stop()
    await until('the end of the bundle', () => esper.status().bundle.state === 'expired')
    expect(await statuses(url, 1)).toEqual([429])
    expect((await send(`${url}/login`, { headers: { 'user-agent': 'probe' } })).status).toBe(200)
  })

  it('by an exemption that this version cannot use is not exempt, and the status says so', async () => {
    put(
      [{ ...office, program: program(['no such thing']) }],
      [policy('deny', '/login', { mitigation_id: 'mit_block' })],
    )
    const esper = await harness.ready()
    const url = await harness.app(esper, hello)
    expect(await statuses(url, 1)).toEqual([429])
    expect(esper.status().bundle.problems).toMatchObject([{ resource: 'exemption', id: 'exm_office' }])
  })
})
