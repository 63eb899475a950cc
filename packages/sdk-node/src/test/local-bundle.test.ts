import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatLocalBundle, type LocalBundleContent, silentLogger } from '@esper/core'
import { waitUntil } from '@esper/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEsper, type Esper, type EsperOptions } from '../index.js'
import { policy } from './bundle-fixture.js'
import { Harness, send } from './harness.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let harness: Harness
const running: Esper[] = []
beforeEach(async () => {
  harness = await new Harness().start()
})
afterEach(async () => {
  for (const esper of running.splice(0)) await esper.close()
  await harness.end()
})

function content(more: Partial<LocalBundleContent> = {}): LocalBundleContent {
  const { keys, epoch, issued_at, not_after, counting_scope, ...rest } = harness.controlPlane.bundle
  const denied = policy('deny', '/denied', { mitigation_id: 'mit_block' })
  const window = { seconds: 60, threshold: 3 }
  const limited = policy('limit', '/limited', {
    mitigation_id: 'mit_challenge',
    entity_definition_id: 'ent_ip',
    window,
  })
  return { ...rest, tenant_id: 'local', policies: [denied, limited], built_at: 1_700_000_000_000, ...more }
}

function fileOf(text: string): string {
  const path = join(harness.folder, 'esper.bundle.json')
  writeFileSync(path, text)
  return path
}

function local(options: EsperOptions = {}): Esper {
  const bundle = options.bundle ?? fileOf(formatLocalBundle(content()))
  const esper = createEsper({ logger: silentLogger, ...options, bundle })
  running.push(esper)
  return esper
}

const ok = (esper: Esper) => harness.ok(esper)

describe('a local bundle file', () => {
  it('decides and enforces without a control plane, from the first request', async () => {
    const esper = local()
    const url = await ok(esper)
    expect((await send(`${url}/denied`)).status).toBe(429)
    expect((await send(`${url}/limited`)).status).toBe(200)
    expect((await send(`${url}/limited`)).status).toBe(200)
    expect((await send(`${url}/limited`)).status).toBe(403)
    expect(esper.status()).toMatchObject({
      bundle: { state: 'fresh', origin: 'file', enforces: 'all', notAfter: undefined },
      delivery: { state: 'off', recorded: 0 },
      sync: { mode: 'stopped' },
      counts: { failedOpen: 0 },
    })
    expect((await esper.doctor()).ok).toBe(true)
    expect(harness.controlPlane.calls).toEqual([])
  })

  it('gives way to the control plane as soon as that has given a bundle', async () => {
    const esper = await harness.ready({ bundle: fileOf(formatLocalBundle(content())) })
    expect(esper.status().bundle).toMatchObject({ origin: 'control_plane', state: 'fresh', revision: 1 })
    const url = await ok(esper)
    expect((await send(`${url}/denied`)).status).toBe(200)
    await waitUntil(() => harness.controlPlane.events.length === 1)
  })

  it('stands in while a control plane cannot be reached, and the copy on disk goes before it', async () => {
    await (await harness.ready()).close()
    await harness.controlPlane.stop()
    const bundle = fileOf(formatLocalBundle(content()))
    expect(harness.client({ bundle }).status().bundle.origin).toBe('disk')
    const other = harness.client({ bundle, snapshotDir: 'off' })
    expect(other.status().bundle).toMatchObject({ origin: 'file', state: 'stale' })
    expect((await send(`${await ok(other)}/denied`)).status).toBe(429)
  })

  it('follows Monitor mode, the option’s and the file’s own', async () => {
    const said: unknown[] = []
    const onDecision = (decision: object) => void said.push(decision)
    const url = await ok(local({ mode: 'monitor', onDecision }))
    expect((await send(`${url}/denied`)).status).toBe(200)
    expect(said).toMatchObject([{ outcome: 'block', enforced: false, unenforced: 'monitor' }])
    const bundle = fileOf(formatLocalBundle(content({ enforcement: 'monitor' })))
    expect((await send(`${await ok(local({ bundle, onDecision }))}/denied`)).status).toBe(200)
    expect(said[1]).toMatchObject({ unenforced: 'tenant_monitor' })
  })

  it('is the same text for the same content, whatever the order of its parts', () => {
    const one = content()
    const reversed = JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(one).reverse())))
    expect(JSON.parse(formatLocalBundle(reversed)).digest).toBe(JSON.parse(formatLocalBundle(one)).digest)
  })

  it.each([
    ['is not JSON', '{"esper_bundle":1,'],
    ['is no local bundle', '{"policies":[]}'],
    ['has a format that this version does not know', '{"esper_bundle":2,"content":{}}'],
    ['lacks parts', '{"esper_bundle":1,"content":{"format":1}}'],
  ])('is refused at construction when it %s', (message, text) => {
    expect(() => local({ bundle: fileOf(text) })).toThrow(message)
  })

  it('is refused when it was edited by hand, or is not there', () => {
    const edited = formatLocalBundle(content()).replace('/denied', '/elsewhere')
    expect(() => local({ bundle: fileOf(edited) })).toThrow(/was cut or edited since/)
    expect(() => local({ bundle: join(harness.folder, 'none.json') })).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining('cannot be read') }),
    )
  })
})
