import { describe, expect, it } from 'vitest'
import type { FieldDemand } from '../../protocol/bundle.js'
import { LIMITS } from '../../protocol/limits.js'
import { type EncoderOptions, RequestEncoder, type RequestInput } from './encode.js'
import type { Fields } from './fields.js'
import { redactForeignFields } from './redact-foreign.js'

const NOTHING: FieldDemand = {
  headers: [],
  cookies: [],
  query: [],
  route: [],
  body: [],
  labels: [],
  cookie: false,
  response: false,
}
const REQUEST: RequestInput = { method: 'get', url: '/', headers: [] }
const redact = (value: string) => `${value.length}`.padStart(43, '0')

type Headers = readonly (readonly [name: string, value: string])[]

function encode(
  { headers = [], ...input }: Partial<Omit<RequestInput, 'headers'>> & { readonly headers?: Headers },
  demand: Partial<FieldDemand> = {},
  options: Partial<EncoderOptions> = {},
): Fields {
  const base = { clearCookies: [], sourceId: 'web', trustLevel: 'Internal', redact } as const
  const encoder = new RequestEncoder({ ...base, demand: { ...NOTHING, ...demand }, ...options })
  return encoder.encode({ ...REQUEST, ...input, headers: headers.flat() }, 1_700_000_000_000)
}

const plain = (fields: Fields): unknown => JSON.parse(JSON.stringify(fields))
const hashed = (value: string) => `hash:${redact(value)}`

describe('the encoder', () => {
  it('writes the fields that every event has, and no others', () => {
    const fields = encode({
      method: 'post',
      url: '/login?next=%2F',
      host: 'Shop.Example:8080',
      clientIp: '::ffff:203.0.113.7',
      headers: [
        ['User-Agent', 'curl/8'],
        ['Referer', 'https://user:pass@shop.example/cart?token=1#x'],
        ['Content-Type', 'application/json; charset=utf-8'],
        ['Accept', '*/*'],
        ['Sec-Fetch-Mode', 'navigate'],
        ['X-Other', 'not asked for'],
      ],
      body: { secret: 1 },
    })
    expect(plain(fields)).toEqual({
      request_method: 'POST',
      request_path: '/login',
      request_host: 'shop.example',
      client_ip: '203.0.113.7',
      user_agent: 'curl/8',
      referer: 'https://shop.example/cart',
      body_type: 'application/json',
      header_names: ['user-agent', 'referer', 'content-type', 'accept', 'sec-fetch-mode', 'x-other'],
      source_id: 'web',
      trust_level: 'Internal',
      observed_at: 1_700_000_000_000,
      headers: { 'content-type': 'application/json; charset=utf-8', accept: '*/*', 'sec-fetch-mode': 'navigate' },
    })
  })

  it('leaves missing fields out', () => {
    expect(Object.keys(encode({}))).not.toContain('user_agent')
    expect(encode({}).client_ip).toBeUndefined()
  })

  it('captures what is asked for', () => {
    const demand = {
      headers: ['x-a'],
      query: ['page', 'tag'],
      route: ['id'],
      body: ['user.email', 'items.sku'],
      labels: ['plan'],
    }
    const fields = encode(
      {
        url: '/?page=2&tag=a&tag=b+c&other=1&tag=%zz',
        headers: [
          ['X-A', '1'],
          ['x-a', '2'],
        ],
        route: { id: '42', other: 'x' },
        body: { user: { email: 'a@b', name: 'n' }, items: [{ sku: 's1', price: 1 }, { sku: 's2' }], other: 1 },
        labels: { plan: 'free', other: 1 },
      },
      demand,
    )
    expect(plain(fields)).toMatchObject({
      headers: { 'x-a': '1, 2' },
      query: { page: '2', tag: ['a', 'b c', '%zz'] },
      route: { id: '42' },
      body: { user: { email: 'a@b' }, items: [{ sku: 's1' }, { sku: 's2' }] },
      labels: { plan: 'free' },
    })
    expect(plain(fields)).toHaveProperty('body', { user: { email: 'a@b' }, items: [{ sku: 's1' }, { sku: 's2' }] })
  })

  it('makes one path of the ways to write it', () => {
    const path = (url: string) => encode({ url }).request_path
    expect(['/%6Cogin?x', '/login#x', 'http://shop.example/login?y', '/login'].map(path)).toEqual(
      Array(4).fill('/login'),
    )
    expect(path('/a%2fb')).toBe('/a%2Fb')
    expect(path('*')).toBe('*')
    expect(path('http://shop.example')).toBe('/')
  })

  it('puts credentials in as keyed hashes, computed once and only when read', () => {
    const seen: string[] = []
    const counting = (value: string) => {
      seen.push(value)
      return redact(value)
    }
    const fields = encode(
      {
        url: '/?reset_token=abc&q=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXRleHQ&page=1',
        headers: [
          ['Authorization', 'Bearer x'],
          ['Cookie', 'sid=1; theme=dark; sid=2'],
          ['X-Api-Key', 'k'],
        ],
        body: { user: { password: 'hunter2', name: 'ann' }, access_token: { value: 1 } },
      },
      { headers: ['authorization', 'x-api-key'], cookies: ['sid', 'theme'], query: ['*'], body: ['*'], cookie: true },
      { redact: counting, clearCookies: ['theme'] },
    )
    expect(seen).toEqual([])
    const text = JSON.stringify(fields)
    for (const clear of ['Bearer x', 'hunter2', '"abc"', 'eyJ', '"k"', 'sid=1']) expect(text).not.toContain(clear)
    expect(plain(fields)).toMatchObject({
      headers: { authorization: hashed('Bearer x'), 'x-api-key': hashed('k') },
      cookies: { sid: hashed('1'), theme: 'dark' },
      cookie: hashed('sid=1; theme=dark; sid=2'),
      query: { reset_token: hashed('abc'), page: '1' },
      body: { user: { password: hashed('hunter2'), name: 'ann' }, access_token: hashed('{"value":1}') },
    })
    const after = seen.length
    expect(after).toBeGreaterThan(0)
    JSON.stringify(fields)
    expect(seen.length).toBe(after)
  })

  it("leaves out Esper's own headers and cookies", () => {
    const fields = encode(
      {
        headers: [
          ['Esper-Clearance', 'x'],
          ['Cookie', '__Host-esper-clr=secret; a=1; esper-clr=secret'],
        ],
      },
      { headers: ['*'], cookies: ['*'], cookie: true },
    )
    expect(plain(fields)).toMatchObject({
      cookies: { a: hashed('1') },
      cookie: hashed('a=1'),
      header_names: ['cookie'],
    })
    expect(JSON.stringify(fields)).not.toContain('esper-clr')
    expect(encode({ headers: [['Cookie', 'esper-clr=x']] }).header_names).toEqual([])
  })

  it('cuts text once, never through a letter', () => {
    const fields = encode({
      headers: [
        ['User-Agent', 'x'.repeat(10_000)],
        ['Accept', `${'x'.repeat(8_191)}😀`],
      ],
    })
    expect(String(fields.user_agent)).toHaveLength(LIMITS.textUnits)
    expect(fields.headers).toMatchObject({ accept: 'x'.repeat(8_191) })
  })

  it('survives bodies made to break it', () => {
    const circular: Record<string, unknown> = { a: 1 }
    circular.self = circular
    const throwing = {
      get a(): never {
        throw new Error('no')
      },
    }
    const body = (value: unknown) => encode({ body: value }, { body: ['*'] }).body
    expect(body(throwing)).toBeUndefined()
    expect(JSON.stringify(body(circular)).length).toBeLessThan(2_000)
    const polluting: unknown = JSON.parse(
      '{"__proto__":{"trust_level":"Trusted"},"constructor":{"prototype":{"polluted":true}}}',
    )
    const copy = body(polluting)
    expect(['toString', 'hasOwnProperty'].filter((name) => name in Object(copy))).toEqual([])
    expect({}).not.toHaveProperty('polluted')
    expect(encode({ body: polluting }, { body: ['*'] }).trust_level).toBe('Internal')
  })

  it('keeps requests apart that one encoder reads', () => {
    const encoder = new RequestEncoder({
      ...{ clearCookies: [], sourceId: 'web', trustLevel: 'Internal', redact },
      demand: { ...NOTHING, headers: ['x-a'], cookies: ['*'], query: ['*'] },
    })
    const first = { ...REQUEST, url: '/?a=1', headers: ['Host', 'one', 'X-A', '1', 'Cookie', 'a=1', 'User-Agent', 'u'] }
    const before = plain(encoder.encode(first, 1))
    expect(plain(encoder.encode({ ...REQUEST, headers: ['HOST', 'two'] }, 1))).toEqual({
      ...{ request_method: 'GET', request_path: '/', request_host: 'two', header_names: ['host'] },
      ...{ source_id: 'web', trust_level: 'Internal', observed_at: 1, headers: {}, query: {} },
    })
    for (let n = 0; n < 3_000; n += 1) encoder.encode({ ...REQUEST, headers: [`x-${n}`, 'y'] }, 1)
    expect(plain(encoder.encode(first, 1))).toEqual(before)
  })
})

describe('records of other senders', () => {
  const options = { clearCookies: ['theme'], redact }

  it('are redacted by the same list before they are stored', () => {
    const fields: Fields = {
      headers: { authorization: 'Bearer x', accept: '*/*' },
      cookies: { sid: '1', theme: 'dark', '__Host-esper-clr': 'x' },
      cookie: 'sid=1',
      cookie_sid: '1',
      query: { api_key: 'k', page: '1' },
      body: { list: [{ password: 'p' }] },
      referer: 'https://a/b?token=1',
      access_token: 't',
    }
    expect(plain(redactForeignFields(fields, options))).toEqual({
      headers: { authorization: hashed('Bearer x'), accept: '*/*' },
      cookies: { sid: hashed('1'), theme: 'dark' },
      cookie: hashed('sid=1'),
      cookie_sid: hashed('1'),
      query: { api_key: hashed('k'), page: '1' },
      body: { list: [{ password: hashed('p') }] },
      referer: 'https://a/b',
      access_token: hashed('t'),
    })
  })

  it("come out unchanged when Esper's SDK encoded them", () => {
    const demand = { headers: ['*'], cookies: ['*'], query: ['*'], body: ['*'], labels: ['*'], cookie: true }
    const input = {
      url: '/?token=1&token=2&page=2',
      labels: { user: { password: 'p', plan: 'free' } },
      headers: [
        ['Cookie', 'a=1; theme=dark'],
        ['Authorization', 'x'],
        ['Referer', 'https://a/b?c'],
      ] as const,
      body: { password: 'p', list: [1, 'two', { three: 3 }] },
    }
    const fields = encode(input, demand, { clearCookies: ['theme'] })
    expect(plain(redactForeignFields(fields, options))).toEqual(plain(fields))
  })
})
