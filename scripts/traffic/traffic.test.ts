import { createServer, type IncomingMessage } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { readOptions } from './options.mjs'
import { plan } from './plan.mjs'
import { createTally, table } from './report.mjs'
import { isListening, runTraffic } from './run.mjs'

function firstOf(seed: number, count: number) {
  const steps = []
  for (const step of plan(seed)) {
    steps.push(step)
    if (steps.length === count) return steps
  }
  return steps
}

describe('the plan', () => {
  it('is decided by the seed alone', () => {
    expect(firstOf(7, 500)).toEqual(firstOf(7, 500))
    expect(firstOf(8, 500)).not.toEqual(firstOf(7, 500))
  })

  it('tries passwords from four addresses, and scrapes from one', () => {
    const steps = firstOf(1, 2_000)
    const stuffing = steps.filter((step) => step.actor === 'stuffing')
    expect(new Set(stuffing.map((step) => step.client.address)).size).toBe(4)
    expect(stuffing.every((step) => step.method === 'POST' && step.path === '/login')).toBe(true)
    const scraping = steps.filter((step) => step.actor === 'scraper')
    expect(new Set(scraping.map((step) => step.client.address))).toEqual(new Set(['192.0.2.66']))
    expect(scraping.length).toBeGreaterThan(200)
  })

  it('gives ordinary visitors browsers, and crawlers their own names', () => {
    for (const step of firstOf(3, 1_000)) {
      const userAgent = step.client.headers['user-agent']
      if (step.actor === 'visitors') expect(userAgent).toMatch(/^Mozilla\/5\.0/)
      expect(userAgent).toMatch(/^[\x20-\x7e]+$/)
    }
  })
})

describe('the options', () => {
  it.each([
    ['http://example.com', /must name this machine/],
    ['http://127.0.0.1.example.com', /must name this machine/],
    ['http://10.0.0.1:8080', /must name this machine/],
    ['https://localhost', /takes an http: URL/],
    ['localhost', /is not a URL/],
  ])('refuse %s', (url, message) => {
    expect(() => readOptions(['--url', url])).toThrow(message)
  })

  it.each(['http://localhost:1', 'http://127.0.0.2:8088', 'http://[::1]:8088'])('take %s', (url) => {
    expect(readOptions(['--url', url])).toMatchObject({ rate: 20, seed: 1, requests: 1_200 })
  })

  it.each([
    [['--rate', '0'], /--rate takes/],
    [['--rate', ''], /--rate takes/],
    [['--seed', '1.5'], /--seed takes a whole number/],
    [['--requests', '-1'], /--requests/],
    [['--requests', '5', '--duration', '5'], /exclude each other/],
    [['--duration', '5', '--until-stopped'], /exclude each other/],
    [['--speed', '5'], /Unknown option/],
  ])('refuse %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message)
  })
})

describe('a run', () => {
  const servers: ReturnType<typeof createServer>[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  async function listen(answer: (request: IncomingMessage) => number) {
    const server = createServer((request, response) => {
      response.setHeader('set-cookie', ['a=1; Path=/', 'b=2'])
      response.statusCode = answer(request)
      if (response.statusCode === 403) response.setHeader('esper-mitigation', 'block')
      response.end('x')
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return new URL(`http://127.0.0.1:${address.port}`)
  }

  it('counts each request once by actor and answer, and keeps the cookies of those who keep cookies', async () => {
    const seen: IncomingMessage[] = []
    const url = await listen((request) => {
      seen.push(request)
      return request.method === 'POST' ? 403 : 200
    })
    const tally = createTally()
    const { signal } = new AbortController()
    const result = await runTraffic({ url, seed: 5, rate: 5_000, requests: 300, signal, onAnswer: tally.add })
    expect(result.sent).toBe(300)
    expect(tally.total()).toBe(300)
    const posts = firstOf(5, 300).filter((step) => step.method === 'POST').length
    expect(tally.all).toEqual({ '200': 300 - posts, '403 block': posts })
    expect(tally.ending(' block')).toBe(posts)
    const cookies = seen.map((request) => request.headers.cookie)
    expect(new Set(cookies)).toEqual(new Set([undefined, 'a=1; b=2']))
    expect(table(tally).split('\n').at(-1)).toMatch(/^all .* 300$/)
  })

  it('stops between two requests when told to, and says when nothing listens', async () => {
    const url = await listen(() => 200)
    const stop = new AbortController()
    const tally = createTally()
    const run = runTraffic({
      url,
      seed: 1,
      rate: 500,
      requests: Number.POSITIVE_INFINITY,
      signal: stop.signal,
      onAnswer(actor: string, answer: string) {
        tally.add(actor, answer)
        if (tally.total() === 20) stop.abort()
      },
    })
    const { sent } = await run
    expect(tally.total()).toBe(sent)
    expect(await isListening(url)).toBe(true)
    expect(await isListening(new URL('http://127.0.0.1:1'))).toBe(false)
  })
})
