import { waitUntil } from '@esper/testkit'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Decision } from '../index.js'
import { policy } from './bundle-fixture.js'
import { Harness, listen, send } from './harness.js'

let harness: Harness
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })
beforeEach(async () => {
  harness = await new Harness().start()
  harness.controlPlane.bundle = {
    ...harness.controlPlane.bundle,
    policies: [policy('deny', '/denied', { mitigation_id: 'mit_block' })],
  }
})
afterEach(() => harness.end())

it('stands in front of a node:http application', async () => {
  const esper = await harness.ready()
  const { server, url } = await listen((request, response) =>
    esper.handle(request, response, (visit) => response.end(visit.decision.outcome)),
  )
  expect(await send(`${url}/`)).toMatchObject({ status: 200, body: 'pass' })
  expect((await send(`${url}/denied`)).status).toBe(429)
  await waitUntil(() => harness.controlPlane.events.length === 2)
  server.close()
})

it('decides and records without enforcing, at once', async () => {
  const esper = await harness.ready()
  const decisions: Decision[] = []
  const { server, url } = await listen((request, response) => {
    decisions.push(esper.decide(request))
    response.end('mine')
  })
  expect(await send(`${url}/denied`)).toMatchObject({ status: 200, body: 'mine' })
  expect(decisions[0]).toMatchObject({ outcome: 'block', policyId: 'pol_deny', policyName: 'deny', failedOpen: false })
  await waitUntil(() => harness.controlPlane.events.length === 1)
  expect(harness.controlPlane.events[0]?.event_id).toBe(decisions[0]?.reference)
  server.close()
})

it('says the truth about a decision that nobody enforced', async () => {
  const esper = await harness.ready()
  const { server, url } = await listen((request, response) => {
    esper.decide(request)
    response.end()
  })
  await send(`${url}/denied`)
  await waitUntil(() => harness.controlPlane.events.length === 1)
  expect(harness.controlPlane.events[0]?.decision).toMatchObject({ outcome: 'block', enforced: false })
  server.close()
})
