import { describe, expect, it, test } from 'vitest'
import { combinedFormat } from './combined.js'
import type { LogFormat } from './log-format.js'
import { parseCommonLogTime, parseLogTime } from './log-time.js'
import { ndjsonFormat } from './ndjson.js'
import { nginxJsonFormat } from './nginx-json.js'
import { recogniseFormat } from './recognise-format.js'

const AT = Date.UTC(2026, 9, 10, 20, 55, 36)

function read(format: LogFormat, line: string) {
  const parsed = format.parse(line)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.record
}

function reason(format: LogFormat, line: string): string {
  const parsed = format.parse(line)
  return parsed.ok ? 'it was read' : parsed.reason
}

describe('a combined log', () => {
  it('tells what the SDK would have seen', () => {
    const line =
      '203.0.113.7 - ann [10/Oct/2026:13:55:36 -0700] "GET /a%62c?flow=reset&x=1&x=2 HTTP/1.1" 404 2326 "https://u:p@shop.example/cart?token=s3cret" "Mozilla/5.0 \\"x\\""'
    const { observedAt, fields, sees } = read(combinedFormat, line)
    expect(observedAt).toBe(AT)
    expect(fields).toEqual({
      request_method: 'GET',
      request_path: '/abc',
      query: { flow: 'reset', x: ['1', '2'] },
      client_ip: '203.0.113.7',
      user_id: 'ann',
      user_agent: 'Mozilla/5.0 "x"',
      referer: 'https://shop.example/cart',
      headers: { 'user-agent': 'Mozilla/5.0 "x"', referer: 'https://shop.example/cart' },
      response_status: 404,
    })
    expect(sees).toContain('headers.user-agent')
    expect(sees).not.toContain('request_host')
  })

  it('may be a common log, have a virtual host, more columns and dashes', () => {
    const common = read(
      combinedFormat,
      '::ffff:203.0.113.7 - - [10/Oct/2026:20:55:36 +0000] "POST /login HTTP/2.0" 302 -',
    )
    expect(common.fields).toMatchObject({ client_ip: '203.0.113.7', request_method: 'POST', response_status: 302 })
    expect(common.fields.user_id).toBeUndefined()
    expect(common.sees).not.toContain('user_agent')
    const hosted = read(
      combinedFormat,
      'Shop.Example:443 203.0.113.7 - - [10/Oct/2026:20:55:36 +0000] "GET / HTTP/1.1" 200 1 "-" "-" 0.003 upstream',
    )
    expect(hosted.fields).toMatchObject({ request_host: 'shop.example' })
    expect(hosted.fields.user_agent).toBeUndefined()
    expect(hosted.sees).toContain('request_host')
  })

  it('undoes the escapes of Apache and nginx', () => {
    const line = '192.0.2.1 - - [10/Oct/2026:20:55:36 +0000] "GET / HTTP/1.1" 200 1 "-" "caf\\xc3\\xa9\\\\ \\"q\\""'
    expect(read(combinedFormat, line).fields.user_agent).toBe('café\\ "q"')
  })

  test.each([
    ['', 'it is not a line of a common or combined log'],
    ['hello', 'it is not a line of a common or combined log'],
    [
      '192.0.2.1 - - [10/Okt/2026:20:55:36 +0000] "GET / HTTP/1.1" 200 1',
      'its time is none: 10/Okt/2026:20:55:36 +0000',
    ],
    ['192.0.2.1 - - [10/Oct/2026:20:55:36 +0000] "\\x16\\x03\\x01" 400 1', 'it has no request: what came was not HTTP'],
    ['192.0.2.1 - - [10/Oct/2026:20:55:36 +0000] "-" 408 -', 'it has no request: what came was not HTTP'],
  ])('that cannot be read says why: %s', (line, why) => {
    expect(reason(combinedFormat, line)).toBe(why)
  })

  it('of 32 KB that fit nearly is refused at once', () => {
    const started = performance.now()
    for (const line of [`${'a '.repeat(16_000)}[`, `a b c [x] "${'\\"'.repeat(16_000)}`, '"'.repeat(32_000)]) {
      expect(combinedFormat.parse(line).ok).toBe(false)
    }
    expect(performance.now() - started).toBeLessThan(500)
  })
})

describe('a JSON log of nginx', () => {
  it('is read by the names of the variables', () => {
    const { observedAt, fields, sees } = read(
      nginxJsonFormat,
      JSON.stringify({
        msec: '1791665736.250',
        remote_addr: '2001:db8::1',
        request: 'GET /login?next=%2F HTTP/1.1',
        status: '200',
        request_time: '0.123',
        http_host: 'shop.example:8443',
        http_user_agent: 'curl/8',
        http_referer: '',
        http_x_client: 'app',
        cookie_flow: 'a',
        remote_user: '-',
      }),
    )
    expect(observedAt).toBe(AT + 250)
    expect(fields).toEqual({
      request_method: 'GET',
      request_path: '/login',
      query: { next: '/' },
      request_host: 'shop.example',
      client_ip: '2001:db8::1',
      user_agent: 'curl/8',
      headers: { 'x-client': 'app', 'user-agent': 'curl/8', host: 'shop.example:8443' },
      cookies: { flow: 'a' },
      response_status: 200,
      response_ms: 123,
    })
    expect(sees).toEqual(expect.arrayContaining(['referer', 'user_id', 'headers.x-client', 'cookies.flow', 'query.*']))
  })

  it('may have method, path and arguments apart', () => {
    const line = {
      time_iso8601: '2026-10-10T20:55:36+00:00',
      request_method: 'GET',
      uri: '/a',
      args: 'b=1',
      status: 200,
    }
    const { observedAt, fields, sees } = read(nginxJsonFormat, JSON.stringify(line))
    expect(observedAt).toBe(AT)
    expect(fields).toMatchObject({ request_path: '/a', query: { b: '1' } })
    expect(sees).toContain('query.*')
    const { args: _args, ...without } = line
    expect(read(nginxJsonFormat, JSON.stringify(without)).sees).not.toContain('query.*')
  })

  it('that cannot be read says why', () => {
    expect(reason(nginxJsonFormat, 'GET /')).toBe('it is not a JSON object')
    expect(reason(nginxJsonFormat, '{"request": "GET / HTTP/1.1"}')).toContain('it has no time under msec')
    expect(reason(nginxJsonFormat, '{"msec": 1, "status": 200}')).toContain('it has no request')
  })
})

describe("a log of Esper's own fields", () => {
  it('has them apart or beside observed_at, and sets nothing that Esper sets', () => {
    const fields = {
      request_path: '/a?b=1',
      client_ip: '::ffff:192.0.2.1',
      trust_level: 'Trusted',
      labels: { plan: 'free' },
    }
    const apart = read(ndjsonFormat, JSON.stringify({ observed_at: AT, fields }))
    const beside = read(ndjsonFormat, JSON.stringify({ observed_at: '2026-10-10T20:55:36Z', event_id: 'x', ...fields }))
    expect(apart).toEqual(beside)
    expect(apart.fields).toEqual({
      request_path: '/a',
      query: { b: '1' },
      client_ip: '192.0.2.1',
      labels: { plan: 'free' },
    })
    expect(apart.sees).toEqual(['request_path', 'client_ip', 'labels.*', 'query.*'])
  })

  it('that cannot be read says why', () => {
    expect(reason(ndjsonFormat, '[]')).toBe('it is not a JSON object')
    expect(reason(ndjsonFormat, '{"observed_at": "yesterday"}')).toContain('its observed_at is no time')
    expect(reason(ndjsonFormat, '{"observed_at": 1, "fields": []}')).toBe('its fields are not an object')
    expect(reason(ndjsonFormat, '{"observed_at": 1, "fields": {}}')).toBe('it has no field')
  })

  it('pollutes nothing', () => {
    read(ndjsonFormat, '{"observed_at": 1, "fields": {"__proto__": {"polluted": true}, "request_path": "/"}}')
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})

test('times are read as logs write them', () => {
  expect(parseCommonLogTime('10/Oct/2026:13:55:36.250 -0700')).toBe(AT + 250)
  expect(parseLogTime(AT)).toBe(AT)
  expect(parseLogTime(AT / 1000)).toBe(AT)
  expect(parseLogTime('2026-10-10 22:55:36,500+0200')).toBe(AT + 500)
  for (const none of ['2026-10-10T20:55:36', '', 'now', -1, Number.NaN, null, {}, '99/Oct/2026:13:55:36 -0700']) {
    expect(parseLogTime(none)).toBeUndefined()
  }
})

test('a format is recognised by the first line that one can read', () => {
  const name = (...lines: readonly string[]) => recogniseFormat(lines)?.name
  expect(name('# a comment', '1.2.3.4 - - [10/Oct/2026:20:55:36 +0000] "GET / HTTP/1.1" 200 1')).toBe('combined')
  expect(name('{"msec": "1", "request": "GET / HTTP/1.1"}')).toBe('nginx-json')
  expect(name('{"observed_at": 1, "request_path": "/"}')).toBe('ndjson')
  expect(name('{"observed_at": 1, "fields": {"a": 1}}')).toBe('ndjson')
  expect(name('nothing', '{}')).toBeUndefined()
})
