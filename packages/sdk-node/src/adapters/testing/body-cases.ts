import { request } from 'node:http'
import { NO_DEMAND } from '@esper/core'
import { waitUntil } from '@esper/testkit'
import { expect } from 'vitest'
import { policy } from '../../test/bundle-fixture.js'
import type { Response } from '../../test/harness.js'
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
    name: 'leaves bodies to the application that are too large, no such thing, or empty',
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
    },
  },
  {
    name: 'leaves a body to the application that is too slow, without waiting for its end',
    needs: 'callsBeforeBodyEnds',
    options: { maxBodyBytes: 1_000, bodyTimeoutMs: 100 },
    async run(site) {
      await site.rules([], READS_BODIES)
      const before = await reached(site)
      const slow = await sendPieces(site, [JSON_BODY.slice(0, 20), JSON_BODY.slice(20)], async () => {
        // The rest comes when the application has been called without it.
        await waitUntil(async () => (await reached(site)) > before, { everyMs: 20, what: 'the call' })
      })
      expect(site.said(slow).body).toBe(JSON_BODY)
      expect((await site.eventOf(slow)).fields).not.toHaveProperty('body')
    },
  },
  {
    name: 'reads a body that comes in pieces without saying how long it is',
    async run(site) {
      await site.rules([], READS_BODIES)
      const answer = await sendPieces(site, [...JSON_BODY], turn)
      expect(site.said(answer).body).toBe(JSON_BODY)
      expect((await site.eventOf(answer)).fields.body).toEqual(EXPECTED)
      const empty = await sendPieces(site, [], turn)
      expect(site.said(empty).body).toBe('')
    },
  },
]

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 2))

async function reached(site: Site): Promise<number> {
  return site.said(await site.ask('/reached')).reached
}

/** A chunked body, a piece at a time, with a wait after each. */
function sendPieces(site: Site, pieces: readonly string[], wait: () => Promise<void>): Promise<Response> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
    const call = request(`${site.url}/pieces`, { method: 'POST', headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
      })
    })
    call.on('error', reject)
    call.flushHeaders()
    const write = async () => {
      for (const piece of pieces) {
        call.write(piece)
        await wait()
      }
      call.end()
    }
    write().catch(reject)
  })
}
