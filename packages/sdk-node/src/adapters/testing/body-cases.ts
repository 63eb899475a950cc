import { NO_DEMAND } from '@esper/core'
import { expect } from 'vitest'
import { policy } from '../../test/bundle-fixture.js'
import type { AdapterCase } from './adapter-case.js'
import type { Site } from './site.js'

const READS_BODIES = { demand: { ...NO_DEMAND, body: ['user.email', 'tags', 'file'] } }
const EXPECTED = { user: { email: 'a@b.example' } }
const JSON_BODY = JSON.stringify({ user: { email: 'a@b.example', phone: '12345' }, card: '4111111111111111' })
const MULTIPART = [
  '--x',
  'Content-Disposition: form-data; name="user[email]"',
  '',
  'a@b.example',
  '--x',
  'Content-Disposition: form-data; name="file"; filename="cat.gif"',
  'Content-Type: image/gif',
  '',
  'GIF89a',
  '--x--',
  '',
].join('\r\n')

async function post(site: Site, path: string, body: { readonly type: string; readonly text: string }) {
  const answer = await site.ask(path, { method: 'POST', headers: { 'content-type': body.type }, body: body.text })
  expect(site.said(answer).body).toBe(body.text)
  return (await site.eventOf(answer)).fields
}

/** What is read of bodies, and that applications still get them whole. */
export const BODY_CASES: readonly AdapterCase[] = [
  {
    name: 'reads no body that no policy reads',
    async run(site) {
      await site.rules([])
      expect(await post(site, '/b', { type: 'application/json', text: JSON_BODY })).not.toHaveProperty('body')
    },
  },
  {
    name: 'reads what policies read of JSON, forms and multipart forms, and leaves them to the application',
    async run(site) {
      await site.rules([], READS_BODIES)
      const json = await post(site, '/b', { type: 'application/json; charset=utf-8', text: JSON_BODY })
      expect(json.body).toEqual(EXPECTED)
      const form = {
        type: 'application/x-www-form-urlencoded',
        text: 'user%5Bemail%5D=a%40b.example&tags=x&tags=y&z=1',
      }
      expect((await post(site, '/b', form)).body).toEqual({ ...EXPECTED, tags: ['x', 'y'] })
      const multipart = await post(site, '/b', { type: 'multipart/form-data; boundary=x', text: MULTIPART })
      expect(multipart.body).toEqual({ ...EXPECTED, file: 'cat.gif' })
    },
  },
  {
    name: 'decides with the body, on entry',
    async run(site) {
      const program = { version: 1, root: ['eq', ['path', 'body', 'user', 'email'], ['lit', 'a@b.example']] } as const
      await site.rules([policy('deny', '/b', { program, mitigation_id: 'mit_block' })], READS_BODIES)
      const headers = { 'content-type': 'application/json' }
      const refused = await site.ask('/b', { method: 'POST', headers, body: JSON_BODY })
      expect(refused.status).toBe(429)
      expect((await site.ask('/b', { method: 'POST', headers, body: '{}' })).status).toBe(200)
    },
  },
  {
    name: 'leaves bodies to the application that are too large, too slow, no such thing, or empty',
    needs: 'readsBodies',
    options: { maxBodyBytes: 1_000, bodyTimeoutMs: 100 },
    async run(site) {
      await site.rules([], READS_BODIES)
      const json = 'application/json'
      const large = JSON.stringify({ user: { email: 'x'.repeat(200_000) } })
      for (const text of [large, '{"user":', '', '[]']) {
        const fields = await post(site, '/b', { type: json, text })
        expect(fields.body === undefined || Array.isArray(fields.body)).toBe(true)
      }
      const slow = await sendSlowly(site, [JSON_BODY.slice(0, 20), JSON_BODY.slice(20)])
      expect(site.said(slow).body).toBe(JSON_BODY)
      expect((await site.eventOf(slow)).fields).not.toHaveProperty('body')
    },
  },
  {
    name: 'reads a body that comes in pieces without saying how long it is',
    async run(site) {
      await site.rules([], READS_BODIES)
      const answer = await sendSlowly(site, [...JSON_BODY], 2)
      expect(site.said(answer).body).toBe(JSON_BODY)
      expect((await site.eventOf(answer)).fields.body).toEqual(EXPECTED)
      const empty = await sendSlowly(site, [])
      expect(site.said(empty).body).toBe('')
    },
  },
]

/** A chunked body, a piece at a time. */
async function sendSlowly(site: Site, pieces: readonly string[], everyMs = 250) {
  const { request } = await import('node:http')
  return new Promise<{ status: number; headers: import('node:http').IncomingHttpHeaders; body: string }>(
    (resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
      const call = request(`${site.url}/pieces`, { method: 'POST', headers, agent: false }, (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          body += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      })
      call.on('error', reject)
      call.flushHeaders()
      const write = async () => {
        for (const piece of pieces) {
          call.write(piece)
          await new Promise((next) => setTimeout(next, everyMs))
        }
        call.end()
      }
      void write()
    },
  )
}
