import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Esper } from '../index.js'
import { policy } from './bundle-fixture.js'
import { Harness, send } from './harness.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let harness: Harness
beforeEach(async () => {
  harness = await new Harness().start()
})
afterEach(() => harness.end())

const ok = (esper: Esper) => harness.ok(esper)

it('finds nothing wrong with a sound installation', async () => {
  const esper = await harness.ready()
  await send(await ok(esper))
  const report = await esper.doctor()
  expect(report.findings.filter(({ level }) => level !== 'ok')).toEqual([])
  expect(report.ok).toBe(true)
  expect(String(report)).toMatch(/^ok {6}control_plane: http:\/\/127\.0\.0\.1:\d+ answers in \d+ ms\.$/m)
  expect(String(report)).toContain('address from the connection, scheme from the connection, host from Host')
})

it('says which entry of X-Forwarded-For the address came from', async () => {
  const esper = await harness.ready({ trustProxy: 2 })
  await send(await ok(esper), { headers: { 'x-forwarded-for': '203.0.113.9, 10.0.0.1' } })
  expect(String(await esper.doctor())).toContain('address from X-Forwarded-For, entry 2 from the right')
})

it('warns when all traffic seems to come from one proxy, and the control plane hears of it', async () => {
  const esper = await harness.ready()
  const url = await ok(esper)
  for (let n = 0; n < 25; n += 1) await send(url, { headers: { 'x-forwarded-for': `203.0.113.${n}` } })
  const { findings } = await esper.doctor()
  expect(findings).toContainEqual({
    level: 'warning',
    what: 'address',
    text: expect.stringContaining('set trustProxy'),
  })
  await esper.close()
  const headers = [...harness.controlPlane.batches.values()].map(({ header }) => header.status?.address)
  expect(headers.at(-1)).toMatchObject({ socket: 25, forwarded: 0, one_proxy: true })
})

it('names what is wrong: no control plane, no bundle', async () => {
  await harness.controlPlane.stop()
  const report = await harness.client().doctor()
  expect(report.ok).toBe(false)
  const failing = report.findings.filter(({ level }) => level === 'failing').map(({ what }) => what)
  expect(failing).toEqual(['control_plane', 'bundle'])
  expect(String(report)).toContain('does not answer: ECONNREFUSED')
})

it('names what is wrong: the key, the clock, policies of a later version', async () => {
  harness.controlPlane.clockOffsetMs = 600_000
  harness.controlPlane.bundle = {
    ...harness.controlPlane.bundle,
    not_after: Date.now() + 7_200_000,
    policies: [policy('late', '/x', { program: { version: 1, root: ['teleport'] } as never })],
  }
  const esper = await harness.ready()
  harness.controlPlane.interfere = (request, response) => {
    if (request.url !== '/v1/bundle') return false
    response.writeHead(401).end()
    return true
  }
  const text = String(await esper.doctor())
  expect(text).toMatch(/^failing control_plane: .* refuses the key \(401\)/m)
  expect(text).toMatch(/^warning clock: 600 s behind the server's/m)
  expect(text).toMatch(/^warning policies: The policy pol_late cannot be used by this version/m)
})

it('says that Esper is disabled, or only monitors', async () => {
  expect(String(await harness.client({ disabled: true }).doctor())).toContain('every request passes')
  expect(String(await harness.client({ mode: 'monitor' }).doctor())).toContain('Unset "mode" or ESPER_MODE')
})
