import { NO_DEMAND } from '@esper/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeAdapter, type RunningApplication } from '../../adapters/testing/adapter-suite.js'
import { Site } from '../../adapters/testing/site.js'
import { policy } from '../bundle-fixture.js'
import { KEYID, SECRET } from '../control-plane.js'
import { Harness } from '../harness.js'
import { NextApplication } from './next-application.js'

describe.each([16, 15] as const)('Next %i', (major) => {
  const application = new NextApplication(major)
  beforeAll(() => application.build('nodejs'), 300_000)
  afterAll(() => application.end())

  describeAdapter({
    name: 'a protected route handler',
    // Next 16 calls routes behind a proxy when a body has come whole.
    traits: { seesWire: false, callsBeforeBodyEnds: major === 15 },
    start: (options) => application.start('route', options),
  })

  describeAdapter({
    name: 'the proxy in Node',
    traits: { seesWire: false },
    start: (options) => application.start('proxy', options),
  })

  describe('what the proxy lets pass', () => {
    const harness = new Harness()
    let running: RunningApplication
    let site: Site
    beforeAll(async () => {
      await harness.start()
      const { url } = harness.controlPlane
      const options = { url, keyId: KEYID, secret: SECRET, snapshotDir: 'off', maxBatchAgeMs: 10, trustProxy: 1 }
      running = await application.start('proxy', options)
      site = new Site(running.url, harness.controlPlane)
      await site.rules([policy('deny', '/behind/denied', { mitigation_id: 'mit_block' })], {
        demand: { ...NO_DEMAND, body: ['user'] },
      })
    })
    afterAll(async () => {
      await running.close()
      await harness.end()
    })

    it('goes on to its page, recorded without the answer, which a proxy does not see', async () => {
      const page = await site.ask('/behind')
      expect(page.status).toBe(200)
      expect(page.body).toContain('a page')
      const [event] = await site.eventsOf('/behind', 1)
      expect(event?.fields).not.toHaveProperty('response_status')
      expect((await site.ask('/behind/denied')).status).toBe(429)
    })

    it('brings its route the whole body that was read on the way', async () => {
      const body = JSON.stringify({ user: 'u1', more: 'x'.repeat(1_000) })
      const answer = await site.ask('/behind/body', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      expect([answer.status, JSON.parse(answer.body).body]).toEqual([201, body])
      const [event] = await site.eventsOf('/behind/body', 1)
      expect(event?.fields.body).toEqual({ user: 'u1' })
    })
  })
})
