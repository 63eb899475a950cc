import { waitUntil } from '@esper/testkit'
import express from 'express'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mitigation, policy } from './bundle-fixture.js'
import { Harness, send } from './harness.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let harness: Harness
beforeEach(async () => {
  harness = await new Harness().start()
})
afterEach(() => harness.end())

const hello = (app: express.Express) => {
  app.use((request, response) => void response.json({ seen: request.esper?.decision ?? null }))
}
const events = (count: number) =>
  waitUntil(() => harness.controlPlane.events.length >= count, { what: `${count} events` })

describe('an Express application behind Esper', () => {
  it('answers as before and delivers every event, with what the application answered', async () => {
    const esper = await harness.ready()
    const url = await harness.app(esper, hello)
    const answer = await send(`${url}/shop?q=1`, { headers: { 'user-agent': 'test' } })
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body).seen).toMatchObject({
      outcome: 'pass',
      enforced: false,
      revision: 1,
      failedOpen: false,
    })
    await events(1)
    expect(harness.controlPlane.events).toHaveLength(1)
    expect(harness.controlPlane.events[0]).toMatchObject({
      event_id: JSON.parse(answer.body).seen.reference,
      fields: {
        request_method: 'GET',
        request_path: '/shop',
        user_agent: 'test',
        client_ip: '127.0.0.1',
        response_status: 200,
      },
      decision: { revision: 1, enforced: false },
    })
    expect([...harness.controlPlane.batches.values()][0]?.header).toMatchObject({ format: 1, revision: 1 })
  })

  it('observes, and counts in windows across requests', async () => {
    const window = { seconds: 60, threshold: 3 }
    harness.controlPlane.bundle = {
      ...harness.controlPlane.bundle,
      policies: [
        policy('watch', '/login', { mitigation_id: 'mit_monitor' }),
        policy('limit', '/login', { mitigation_id: 'mit_block', entity_definition_id: 'ent_ip', window, priority: 20 }),
      ],
    }
    const esper = await harness.ready()
    const url = await harness.app(esper, hello)
    const first = await send(`${url}/login`)
    expect(JSON.parse(first.body).seen).toMatchObject({ outcome: 'pass', observed: ['pol_watch'] })
    expect((await send(`${url}/login`)).status).toBe(200)
    const third = await send(`${url}/login`)
    expect(third.status).toBe(429)
    expect(third.headers).toMatchObject({
      'esper-mitigation': 'block',
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
      'ratelimit-policy': '"esper";q=2;w=60',
      'retry-after': '600',
    })
    expect(JSON.parse(third.body)).toMatchObject({ status: 429, code: 'too-many-requests' })
    expect((await send(`${url}/other`)).status).toBe(200)
    await events(4)
    const decisions = harness.controlPlane.events.map((event) => event.decision)
    expect(decisions[2]).toMatchObject({
      policy_id: 'pol_limit',
      outcome: 'block',
      enforced: true,
      origin: 'policy',
      n: 3,
    })
    expect(harness.controlPlane.events[2]?.fields).not.toHaveProperty('response_status')
    expect(esper.status().mitigations.blocks).toBe(1)
  })

  it('shows people who navigate a page, with the wait and the reference, and nothing that runs', async () => {
    const block = mitigation('Block', {
      response: { status: 403, retry_after: 90, body: 'No <b>.', contact_url: 'mailto:a@b.example' },
    })
    harness.controlPlane.bundle = {
      ...harness.controlPlane.bundle,
      mitigations: [block],
      policies: [policy('deny', '/x', { mitigation_id: 'mit_block' })],
    }
    const url = await harness.app(await harness.ready(), hello)
    const page = await send(`${url}/x`, { headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' } })
    expect(page.status).toBe(403)
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/,
    )
    expect(page.body).toContain('No &lt;b&gt;.')
    expect(page.body).toContain('2 minutes')
    expect(page.body).toContain(String(page.headers['esper-reference']))
    expect(page.body).not.toContain('<script')
    const head = await send(`${url}/x`, { method: 'HEAD' })
    expect([head.status, head.body]).toEqual([403, ''])
  })

  it('does nothing to anybody in Monitor mode, and reports what it would have done', async () => {
    const policies = [policy('deny', '/x', { mitigation_id: 'mit_block' })]
    harness.controlPlane.bundle = { ...harness.controlPlane.bundle, policies }
    const mine = await harness.app(await harness.ready({ mode: 'monitor' }), hello)
    const answer = await send(`${mine}/x`)
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body).seen).toMatchObject({ outcome: 'block', enforced: false, policyId: 'pol_deny' })
    harness.controlPlane.publish({ enforcement: 'monitor' })
    const theirs = await harness.app(await harness.ready(), hello)
    expect((await send(`${theirs}/x`)).status).toBe(200)
    await events(2)
    for (const { decision } of harness.controlPlane.events) {
      expect(decision).toMatchObject({ outcome: 'block', enforced: false })
    }
  })

  it('reads a body that a parser left, only as far as it is asked for', async () => {
    harness.controlPlane.bundle = {
      ...harness.controlPlane.bundle,
      demand: { ...harness.controlPlane.bundle.demand, body: ['user.email'] },
    }
    const esper = await harness.ready()
    const url = await harness.app(esper, hello, (app) => void app.use(express.json()))
    const body = JSON.stringify({ user: { email: 'a@b.example', phone: '12345' }, card: '4111111111111111' })
    await send(`${url}/pay`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    await events(1)
    expect(harness.controlPlane.events[0]?.fields.body).toEqual({ user: { email: 'a@b.example' } })
    expect(harness.controlPlane.wire).not.toContain('4111')
  })

  it('records a request whose connection broke before an answer, without one', async () => {
    const url = await harness.app(await harness.ready(), (app) => {
      app.use((request) => void request.socket.destroy())
    })
    await expect(send(`${url}/gone`)).rejects.toThrow()
    await events(1)
    expect(harness.controlPlane.events[0]?.fields).not.toHaveProperty('response_status')
  })

  it('lets what the application throws reach the application', async () => {
    const url = await harness.app(await harness.ready(), (app) => {
      app.use(() => {
        throw new Error('mine')
      })
      app.use(((error, _request, response, _next) => {
        response.status(500).send(error.message)
      }) satisfies express.ErrorRequestHandler)
    })
    expect(await send(url)).toMatchObject({ status: 500, body: 'mine' })
  })
})
