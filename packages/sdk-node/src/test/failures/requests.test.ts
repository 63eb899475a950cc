import { connect } from 'node:net'
import { NO_DEMAND } from '@esper/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Esper } from '../../index.js'
import { policy } from '../bundle-fixture.js'
import { Harness } from '../harness.js'
import { until } from './scenario.js'
import { Applications, KINDS } from './under-load.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

const long = (length: number) => 'x'.repeat(length)
const many = (count: number, make: (n: number) => string) => Array.from({ length: count }, (_, n) => make(n))

/** Requests as they stand on the wire, every one legal for Node's parser. */
const REQUESTS: readonly (readonly [name: string, path: string, headers: readonly string[]])[] = [
  ['64 KiB of one header', '/a', [`X-Long: ${long(65_000)}`]],
  ['64 KiB of many headers', '/a', many(900, (n) => `X-${n}: ${long(60)}`)],
  ['64 KiB of cookies', '/a', [`Cookie: ${many(2_000, (n) => `c${n}=${long(20)}`).join('; ')}`]],
  ['10,000 query parameters', `/a?${many(10_000, (n) => `p${n}=${n}`).join('&')}`, []],
  ['one query parameter 10,000 times', `/a?${many(10_000, () => 'p=1').join('&')}`, []],
  ['escapes that are none', '/%/%zz/%e0%a4%a?q=%&r=%ff%fe&%=1', []],
  ['an overlong UTF-8 path', '/%c0%af..%c0%af', []],
  ['names of object members', '/__proto__?__proto__=1&constructor=2&toString=3', ['__proto__: 1', 'Constructor: 2']],
  ['latin-1 bytes in a header', '/a', ['X-Name: Jos\u00e9 \u00ff']],
  ['headers twice', '/a', ['User-Agent: one', 'User-Agent: two', 'X-Dup: 1', 'X-Dup: 2', 'Cookie: a=1', 'Cookie: b=2']],
  ['forwarding headers twice', '/a', ['X-Forwarded-For: 1.1.1.1', 'X-Forwarded-For: <script>', 'Forwarded: for=_x']],
  ['an absolute target', 'http://elsewhere.example/a?b=c', []],
  ['lone surrogates as escapes', '/a?q=%ed%a0%80', []],
  ['a referrer that is none', '/a', ['Referer: javascript:alert(1)//%0a']],
  ['broken clearances', '/a', ['Cookie: esper-clr=a.b.c~~~...; __Host-esper-clr=', `Esper-Clearance: ${long(9_000)}`]],
]

let harness: Harness
let esper: Esper
beforeEach(async () => {
  harness = await new Harness().start()
  const all = ['*']
  harness.controlPlane.bundle = {
    ...harness.controlPlane.bundle,
    demand: { ...NO_DEMAND, headers: all, cookies: all, query: all, body: all, cookie: true },
    policies: [policy('x', '/never', { entity_definition_id: 'ent_ip', mitigation_id: 'mit_block' })],
  }
  esper = await harness.ready({ trustProxy: 1 })
})
afterEach(() => harness.end())

const thrown: unknown[] = []
const keep = (error: unknown) => void thrown.push(error)
beforeAll(() => void process.on('uncaughtException', keep).on('unhandledRejection', keep))
afterAll(() => void process.off('uncaughtException', keep).off('unhandledRejection', keep))

function exchange(port: number, path: string, headers: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      const lines = [`GET ${path} HTTP/1.1`, 'Host: app.example', 'Connection: close', ...headers, '', '']
      socket.write(Buffer.from(lines.join('\r\n'), 'latin1'))
    })
    let answer = ''
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer.replace(/^Date: .*\r\n/m, '')))
  })
}

describe.each(KINDS)('an application of %s answers as without Esper, and is recorded, when asked with', (kind) => {
  it('anything that Node lets through', async () => {
    const applications = await Applications.start(kind, esper)
    for (const [name, path, headers] of REQUESTS) {
      const bare = await exchange(applications.barePort, path, headers)
      expect([name, await exchange(applications.port, path, headers)]).toEqual([name, bare])
      expect([name, bare.slice(0, 12)]).toEqual([name, 'HTTP/1.1 200'])
    }
    await until('the events', () => esper.status().delivery.accepted === REQUESTS.length)
    expect(esper.status()).toMatchObject({ counts: { errors: 0 }, delivery: { dropped: {} } })
    expect(harness.controlPlane.events).toHaveLength(REQUESTS.length)
    expect(thrown).toEqual([])
    await applications.close()
  })
})
