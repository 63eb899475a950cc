import { connect } from 'node:net'
import { NO_DEMAND } from '@esper/core'
import { expect } from 'vitest'
import type { AdapterCase } from './adapter-case.js'
import type { Site } from './site.js'

const many = (count: number, make: (n: number) => string) => Array.from({ length: count }, (_, n) => make(n))
const ALL_FIELDS = { demand: { ...NO_DEMAND, headers: ['*'], cookies: ['*'], query: ['*'], cookie: true } }

/** Requests as they stand on the wire, every one legal for the framework's server. */
const ODD: readonly (readonly [name: string, path: string, headers: readonly string[]])[] = [
  ['10,000 query parameters', `/odd?${many(10_000, (n) => `p=${n % 10}`).join('&')}`, []],
  ['escapes that are none', '/odd?q=%&r=%ff%fe&%=1', []],
  ['names of object members', '/odd?__proto__=1&constructor=2', ['__proto__: 1', 'Constructor: 2']],
  ['latin-1 bytes in a header', '/odd', ['X-Name: Jos\u00e9 \u00ff']],
  ['headers twice', '/odd', ['User-Agent: two', 'X-Dup: 1', 'X-Dup: 2', 'Cookie: a=1', 'Cookie: b=2']],
  ['forwarding headers twice', '/odd', ['X-Forwarded-For: 1.1.1.1', 'X-Forwarded-For: <script>']],
  ['an overlong UTF-8 query', '/odd?x=%c0%af..%c0%af&y=%ed%a0%80', []],
  ['a referrer that is none', '/odd', ['Referer: javascript:alert(1)//%0a']],
  ['broken clearances', '/odd', ['Cookie: esper-clr=a.b.c~~~...; __Host-esper-clr=', 'Esper-Clearance: ....']],
]

function statusOf(site: Site, path: string, headers: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(site.url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      const lines = [
        `GET ${path} HTTP/1.1`,
        'Host: app.example',
        'User-Agent: odd',
        'Connection: close',
        ...headers,
        '',
        '',
      ]
      socket.write(Buffer.from(lines.join('\r\n'), 'latin1'))
    })
    let answer = ''
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer.slice(0, 12)))
  })
}

/** Requests of every kind that a server lets through. */
export const REQUEST_CASES: readonly AdapterCase[] = [
  {
    name: 'takes odd requests as they come, and records each',
    async run(site) {
      await site.rules([], ALL_FIELDS)
      for (const [name, path, headers] of ODD)
        expect([name, await statusOf(site, path, headers)]).toEqual([name, 'HTTP/1.1 200'])
      const events = await site.eventsOf('/odd', ODD.length)
      expect(events).toHaveLength(ODD.length)
      const twice = events.find(({ fields }) => JSON.stringify(fields.header_names).includes('x-dup'))
      expect(twice?.fields).toMatchObject({ headers: { 'x-dup': '1, 2' } })
    },
  },
  {
    name: 'sees the headers in the order in which they were sent',
    needs: 'seesWire',
    async run(site) {
      await site.rules([])
      await statusOf(site, '/order', ['Zebra: 1', 'Accept: */*', 'Aardvark: 2'])
      const [event] = await site.eventsOf('/order', 1)
      expect(event?.fields.header_names).toEqual(['host', 'user-agent', 'connection', 'zebra', 'accept', 'aardvark'])
    },
  },
]
