import { createSecretKey } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MitigationDelta } from '@esper/core'
import { settle, waitUntil } from '@esper/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Decision, Esper } from '../index.js'
import { mac } from '../platform/crypto.js'
import { policy } from './bundle-fixture.js'
import { KEYID } from './control-plane.js'
import { Harness, keepingLogger, send } from './harness.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let harness: Harness
beforeEach(async () => {
  harness = await new Harness().start()
})
afterEach(() => harness.end())

const until = (what: string, ask: () => boolean) => waitUntil(ask, { everyMs: 5, timeoutMs: 20_000, what })
const ok = (esper: Esper) => harness.ok(esper)
/** Entity key of the client 127.0.0.1 under the entity definition `ip`. */
const localKey = (text: string) => mac(createSecretKey(harness.controlPlane.shared.entity), text)
const LOCAL = '["client_ip","127.0.0.1"]'

function upsert(
  sequence: number,
  more: Partial<Extract<MitigationDelta, { kind: 'upsert' }>['mitigation']> = {},
): MitigationDelta {
  const now = Date.now()
  return {
    kind: 'upsert',
    mitigation: {
      active_mitigation_id: `act_${sequence}`,
      policy_id: 'pol_limit',
      mitigation_id: 'mit_block',
      counting_scope: 'tenant',
      entity_key: localKey(`[${LOCAL}]`),
      since: now,
      expires_at: now + 60_000,
      sequence,
      ...more,
    },
  }
}

const withLimit = () => {
  const window = { seconds: 60, threshold: 1_000 }
  const limit = policy('limit', '/login', { mitigation_id: 'mit_block', entity_definition_id: 'ent_ip', window })
  harness.controlPlane.bundle = { ...harness.controlPlane.bundle, policies: [limit] }
}

describe('following the control plane', () => {
  it('says that it has never loaded a bundle, lets everything pass, and catches up by itself', async () => {
    await harness.controlPlane.stop()
    const { logger, lines } = keepingLogger()
    const esper = harness.client({ logger })
    const url = await ok(esper)
    expect((await send(`${url}/login`)).status).toBe(200)
    await until('a failure', () => lines.length > 0)
    expect(esper.status()).toMatchObject({ bundle: { state: 'never_loaded', revision: 0 }, counts: { failedOpen: 1 } })
    await harness.controlPlane.start()
    await until('the stream', () => esper.status().sync.mode === 'stream')
    expect(esper.status().bundle).toMatchObject({ state: 'fresh', revision: 1 })
    await until('the event', () => harness.controlPlane.events.length === 1)
    expect(harness.controlPlane.events[0]?.decision).toEqual({ revision: 0, enforced: false, failed_open: true })
    expect(lines.filter((line) => line.includes('cannot be followed'))).toHaveLength(1)
  })

  it('takes a new bundle as soon as the stream names it', async () => {
    const esper = await harness.ready()
    const url = await ok(esper)
    expect((await send(`${url}/login`)).status).toBe(200)
    harness.controlPlane.publish({ policies: [policy('deny', '/login', { mitigation_id: 'mit_block' })] })
    await until('revision 2', () => esper.status().bundle.revision === 2)
    expect((await send(`${url}/login`)).status).toBe(429)
  })

  it('enforces what the broker pushes, and stops when it says so', async () => {
    withLimit()
    const esper = await harness.ready()
    const url = await ok(esper)
    expect((await send(`${url}/login`)).status).toBe(200)
    harness.controlPlane.mitigate([upsert(7)])
    await until('the mitigation', () => esper.status().mitigations.blocks === 1)
    const blocked = await send(`${url}/login`)
    expect(blocked.status).toBe(429)
    expect(Number(blocked.headers['retry-after'])).toBeLessThanOrEqual(60)
    expect((await send(`${url}/other`)).status).toBe(200)
    const removal = {
      active_mitigation_id: 'act_7',
      policy_id: 'pol_limit',
      counting_scope: 'tenant',
      sequence: 9,
    } as const
    const entityKey = localKey(`[${LOCAL}]`)
    harness.controlPlane.mitigate([{ kind: 'remove', removal: { ...removal, entity_key: entityKey } }])
    await until('the removal', () => esper.status().mitigations.blocks === 0)
    expect((await send(`${url}/login`)).status).toBe(200)
    await until('the events', () => harness.controlPlane.events.length === 4)
    const decision = harness.controlPlane.events[1]?.decision
    expect(decision).toMatchObject({ origin: 'active_mitigation', active_mitigation_id: 'act_7', enforced: true })
  })

  it('knows at its first request who was held before it started', async () => {
    withLimit()
    harness.controlPlane.deltas = [upsert(3)]
    harness.controlPlane.cursor = 3
    const esper = await harness.ready()
    expect((await send(`${await ok(esper)}/login`)).status).toBe(429)
  })

  it('reconnects with its cursor and misses nothing that happened in between', async () => {
    withLimit()
    const esper = await harness.ready()
    harness.controlPlane.mitigate([upsert(1, { entity_key: 'other' })])
    await until('the first', () => esper.status().mitigations.blocks === 1)
    harness.controlPlane.cutStreams()
    harness.controlPlane.deltas = [...harness.controlPlane.deltas, upsert(2)]
    harness.controlPlane.cursor = 2
    await until('the second', () => esper.status().mitigations.blocks === 2)
    await until('the stream', () => harness.controlPlane.streams === 1 && esper.status().sync.mode === 'stream')
  })

  it('ends a stream whose event carries a bad MAC, applies nothing of it, and comes back', async () => {
    withLimit()
    const { logger, lines } = keepingLogger()
    const esper = await harness.ready({ logger })
    const json = JSON.stringify(upsert(5))
    harness.controlPlane.sendRaw(`event: mitigation\nid: 5\ndata: ${'A'.repeat(43)} ${json}\n\n`)
    await until('the end of the stream', () => lines.some((line) => line.includes('bad_mac')))
    expect(esper.status().mitigations.blocks).toBe(0)
    await until('the stream', () => esper.status().sync.mode === 'stream')
  })

  it('polls when there is no stream, and when the server asks for it', async () => {
    withLimit()
    harness.controlPlane.interfere = (request, response) => {
      if (!request.url?.startsWith('/v1/stream')) return false
      response.writeHead(503).end()
      return true
    }
    const esper = harness.client()
    await until('the bundle', () => esper.status().bundle.revision === 1)
    expect(esper.status().sync.mode).toBe('polling')
    harness.controlPlane.publish({})
    harness.controlPlane.mitigate([upsert(4)])
    await until('the poll', () => esper.status().bundle.revision === 2 && esper.status().mitigations.blocks === 1)
    harness.controlPlane.interfere = () => false
    await until('the stream', () => esper.status().sync.mode === 'stream')
    harness.controlPlane.send('fallback', { poll_seconds: 1 })
    await until('polling', () => esper.status().sync.mode === 'polling')
    harness.controlPlane.publish({})
    await until('the poll', () => esper.status().bundle.revision === 3)
    await until('an unchanged poll', () => harness.controlPlane.calls.includes('GET /v1/bundle -> 304'))
  })

  it('follows the server when its own clock is wrong', async () => {
    harness.controlPlane.clockOffsetMs = 600_000
    harness.controlPlane.bundle = { ...harness.controlPlane.bundle, not_after: Date.now() + 7_200_000 }
    const esper = await harness.ready()
    expect(esper.status().sync.clockOffsetMs).toBeGreaterThan(590_000)
    await send(`${await ok(esper)}/x`)
    await until('the event', () => harness.controlPlane.events.length === 1)
    expect(harness.controlPlane.events[0]?.observed_at).toBeGreaterThan(Date.now() + 590_000)
    await until('its receipt', () => esper.status().delivery.accepted === 1)
    expect(esper.status().delivery.state).toBe('sending')
  })
})

describe('a bundle', () => {
  const refused = async (reason: string, change: () => void) => {
    const { logger, lines } = keepingLogger()
    const esper = await harness.ready({ logger })
    change()
    harness.controlPlane.send('bundle', { revision: 99 })
    await until('the refusal', () => esper.status().bundle.refused > 0)
    expect(esper.status().bundle).toMatchObject({ lastRefusal: reason, revision: 5, state: 'fresh' })
    expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(1)
  }
  beforeEach(() => {
    harness.controlPlane.bundle = { ...harness.controlPlane.bundle, revision: 5 }
  })
  const becomes = (more: object) => () => {
    harness.controlPlane.bundle = { ...harness.controlPlane.bundle, ...more }
  }

  it('of a lower revision is refused', () => refused('older_revision', becomes({ revision: 4 })))
  it('of a lower epoch is refused', () => refused('older_epoch', becomes({ revision: 9, epoch: 0 })))
  it('of another tenant is refused', () => refused('other_tenant', becomes({ revision: 9, tenant_id: 'ten_b' })))
  it('of another source is refused', () => refused('other_source', becomes({ revision: 9, source_id: 'api' })))
  it('past its time is refused', () => refused('expired', becomes({ revision: 9, not_after: Date.now() - 1 })))
  it('of another format is refused', () => refused('unknown_format', becomes({ revision: 9, format: 2 })))
  it('without its lists is refused', () => refused('malformed', becomes({ revision: 9, policies: 'none' })))
  it('whose keys cannot be opened is refused', () => refused('keys', becomes({ revision: 9, keys: [] })))
  it('with a changed body is refused', () =>
    refused('signature:digest-mismatch', () => {
      becomes({ revision: 9 })()
      harness.controlPlane.tamper = (headers, body) => ({ headers, body: body.replace('"on"', '"monitor"') })
    }))
  it('without a signature is refused', () =>
    refused('signature:malformed', () => {
      becomes({ revision: 9 })()
      harness.controlPlane.tamper = (headers, body) => ({ headers: { ...headers, signature: 'esper=:none:' }, body })
    }))

  it('is taken at a lower revision after a restore, which raises the epoch', async () => {
    const esper = await harness.ready()
    becomes({ revision: 2, epoch: 2 })()
    harness.controlPlane.send('bundle', { revision: 2 })
    await until('the bundle', () => esper.status().bundle.revision === 2)
  })

  it('is kept on disk for this user alone, and serves the next start without a control plane', async () => {
    becomes({ policies: [policy('deny', '/login', { mitigation_id: 'mit_block' })] })()
    await (await harness.ready()).close()
    const file = join(harness.folder, `bundle-${KEYID}.json`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await harness.controlPlane.stop()
    const esper = harness.client()
    expect(esper.status().bundle).toMatchObject({ state: 'stale', revision: 5 })
    expect((await send(`${await ok(esper)}/login`)).status).toBe(429)
  })

  it('on disk that somebody changed is not believed', async () => {
    await (await harness.ready()).close()
    const file = join(harness.folder, `bundle-${KEYID}.json`)
    writeFileSync(file, readFileSync(file, 'utf8').replace('\\"revision\\":5', '\\"revision\\":6'))
    await harness.controlPlane.stop()
    const esper = harness.client()
    expect(esper.status().bundle).toMatchObject({ state: 'never_loaded', lastRefusal: 'signature:digest-mismatch' })
  })

  const failModes = () =>
    becomes({
      not_after: Date.now() + 2_000,
      mitigations: [
        { ...harness.controlPlane.bundle.mitigations[0], mitigation_id: 'mit_open' },
        { ...harness.controlPlane.bundle.mitigations[0], mitigation_id: 'mit_closed', fail_mode: 'closed' },
      ],
      policies: [
        policy('a', '/open', { mitigation_id: 'mit_open' }),
        policy('b', '/closed', { mitigation_id: 'mit_closed' }),
      ],
    })()

  it('past its time enforces only what fails closed', async () => {
    failModes()
    const esper = await harness.ready()
    const url = await ok(esper)
    await harness.controlPlane.stop()
    expect((await send(`${url}/open`)).status).toBe(429)
    await until('its end', () => esper.status().bundle.state === 'expired')
    expect(esper.status().bundle.enforces).toBe('closed_only')
    expect((await send(`${url}/open`)).status).toBe(200)
    expect((await send(`${url}/closed`)).status).toBe(429)
    await settle()
    expect(esper.status().counts.failedOpen).toBe(1)
  })

  it('long past its time enforces nothing, and every decision says why', async () => {
    failModes()
    const reasons: unknown[] = []
    const onDecision = ({ outcome, unenforced, failedOpen }: Decision) =>
      void reasons.push([outcome, unenforced, failedOpen])
    const esper = await harness.ready({ maxExpiredMs: 0, onDecision })
    const url = await ok(esper)
    await harness.controlPlane.stop()
    await until('its end', () => esper.status().bundle.enforces === 'nothing')
    expect(esper.status().bundle.state).toBe('expired')
    expect((await send(`${url}/closed`)).status).toBe(200)
    expect(reasons).toEqual([['block', 'expired', true]])
  })
})
