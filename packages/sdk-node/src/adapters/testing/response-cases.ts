import { connect } from 'node:net'
import { expect } from 'vitest'
import type { AdapterCase } from './adapter-case.js'

/** What is recorded of answers, and when. */
export const RESPONSE_CASES: readonly AdapterCase[] = [
  {
    name: 'records what the application answered, and how long it took',
    needs: 'seesResponse',
    async run(site) {
      await site.rules([])
      expect((await site.ask('/status/418')).status).toBe(418)
      const [teapot] = await site.eventsOf('/status/418', 1)
      expect(teapot?.fields).toMatchObject({ response_status: 418 })
      await site.ask('/slow')
      const [slow] = await site.eventsOf('/slow', 1)
      expect(slow?.fields.response_ms).toBeGreaterThanOrEqual(290)
      expect(slow?.fields.response_ms).toBeLessThan(20_000)
    },
  },
  {
    name: 'lets what the application throws be what it is without Esper',
    async run(site) {
      await site.rules([])
      expect((await site.ask('/throw')).status).toBe(500)
      expect(await site.eventsOf('/throw', 1)).toHaveLength(1)
    },
  },
  {
    name: 'records a request whose connection broke before the answer, without one',
    async run(site) {
      await site.rules([])
      const { hostname, port } = new URL(site.url)
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => {
          socket.write('GET /slow?gone=1 HTTP/1.1\r\nHost: app.example\r\nUser-Agent: leaver\r\n\r\n')
          setTimeout(() => socket.destroy(), 100)
        })
        socket.on('close', () => resolve())
      })
      const { fields } = await site.event('that of the leaver', (event) => event.fields.user_agent === 'leaver')
      expect(fields).not.toHaveProperty('response_status')
    },
  },
]
