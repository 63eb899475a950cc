import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BundleList, type ListPartEntry, listPart } from '@esper/core'
import { waitUntil } from '@esper/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Esper } from '../index.js'
import { policy, program } from './bundle-fixture.js'
import { Harness, keepingLogger, send } from './harness.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let harness: Harness
beforeEach(async () => {
  harness = await new Harness().start()
})
afterEach(() => harness.end())

const until = (what: string, ask: () => boolean) => waitUntil(ask, { everyMs: 5, timeoutMs: 20_000, what })
const revision = (esper: Esper) => esper.status().bundle.revision

/** A list the control plane has, and how a bundle refers to it. */
function hasList(entries: readonly (string | ListPartEntry)[], listId = 'lst_bad'): BundleList {
  const part = listPart(entries.map((entry) => (typeof entry === 'string' ? { value: entry } : entry)))
  const sha256 = createHash('sha256').update(part).digest('base64url')
  harness.controlPlane.parts.set(sha256, part)
  return { list_id: listId, sha256, bytes: Buffer.byteLength(part), count: entries.length }
}

/** Blocks whose `x-user` is in the list. */
const byList = (listId = 'lst_bad') =>
  policy(listId, '', {
    program: program(['in_list', ['path', 'headers', 'x-user'], listId]),
    mitigation_id: 'mit_block',
  })
const demand = { ...emptyDemand(), headers: ['x-user'] }

function emptyDemand() {
  return { headers: [], cookies: [], query: [], route: [], body: [], labels: [], cookie: false, response: false }
}

function useLists(lists: readonly BundleList[]): void {
  const { bundle } = harness.controlPlane
  harness.controlPlane.bundle = { ...bundle, lists, demand, policies: [byList()] }
}

const as = async (url: string, user: string) => (await send(url, { headers: { 'x-user': user } })).status
const partCalls = () => harness.controlPlane.calls.filter((call) => call.includes('/v1/lists/'))

/** Answers parts with this, `times` times. */
function refuseParts(status: number, times = Number.POSITIVE_INFINITY): () => number {
  let refused = 0
  harness.controlPlane.interfere = (request, response) => {
    if (request.url?.startsWith('/v1/lists/') !== true || refused >= times) return false
    refused += 1
    response.writeHead(status, { 'content-type': 'application/problem+json' }).end('{"code":"not_found"}')
    return true
  }
  return () => refused
}

describe('a list', () => {
  it('is fetched by its hash before its bundle is in force, and decides', async () => {
    useLists([hasList(['mallory', '203.0.113.0/24'])])
    const esper = await harness.ready()
    const url = await harness.ok(esper)
    expect([await as(url, 'mallory'), await as(url, 'alice'), await as(url, '203.0.113.9')]).toEqual([429, 200, 429])
    expect(partCalls()).toHaveLength(1)
  })

  it('is fetched again only when it changes', async () => {
    const first = hasList(['mallory'])
    useLists([first])
    const esper = await harness.ready()
    const url = await harness.ok(esper)
    harness.controlPlane.publish({ policies: [byList(), policy('other', '/other')] })
    await until('revision 2', () => revision(esper) === 2)
    expect(partCalls()).toHaveLength(1)
    harness.controlPlane.publish({ lists: [hasList(['alice'])] })
    await until('revision 3', () => revision(esper) === 3)
    expect([await as(url, 'mallory'), await as(url, 'alice')]).toEqual([200, 429])
    expect(partCalls()).toHaveLength(2)
  })

  it('holds its bundle back while it cannot be had, and the one before stays in force', async () => {
    useLists([hasList(['mallory'])])
    const { logger, lines } = keepingLogger()
    const esper = await harness.ready({ logger })
    const url = await harness.ok(esper)
    const refused = refuseParts(503)
    harness.controlPlane.publish({ lists: [hasList(['alice'])] })
    await until('three attempts', () => refused() >= 3)
    expect([await as(url, 'mallory'), await as(url, 'alice')]).toEqual([429, 200])
    await until('the refusal', () => esper.status().bundle.lastRefusal === 'lists')
    expect(esper.status().bundle).toMatchObject({ revision: 1, state: 'fresh' })
    harness.controlPlane.interfere = () => false
    await until('revision 2', () => revision(esper) === 2)
    expect([await as(url, 'mallory'), await as(url, 'alice')]).toEqual([200, 429])
    expect(lines.filter((line) => line.includes('A bundle was refused'))).toHaveLength(1)
    expect(lines.some((line) => line.includes('A good bundle arrived'))).toBe(true)
  })

  it('is asked for again at once when the answer may come, and not when it is not there', async () => {
    useLists([hasList(['mallory'])])
    const refused = refuseParts(503, 2)
    const esper = await harness.ready()
    expect([refused(), esper.status().bundle.refused]).toEqual([2, 0])
    const gone = refuseParts(404)
    harness.controlPlane.publish({ lists: [hasList(['alice'])] })
    await until('one attempt a bundle', () => {
      const { refused: bundles } = esper.status().bundle
      return bundles >= 2 && gone() === bundles
    })
  })

  it.each([
    ['other bytes', (part: string) => part.replace('alice', 'malice')],
    ['fewer of them', (part: string) => part.slice(0, -1)],
    ['nothing', () => ''],
    ['more than was said', (part: string) => part.repeat(1_000)],
  ])('that comes as %s is refused', async (_what, change) => {
    useLists([hasList(['mallory'])])
    const esper = await harness.ready()
    const next = hasList(['alice'])
    harness.controlPlane.parts.set(next.sha256, change(harness.controlPlane.parts.get(next.sha256) ?? ''))
    harness.controlPlane.publish({ lists: [next] })
    await until('the refusal', () => esper.status().bundle.lastRefusal === 'lists')
    expect(await as(await harness.ok(esper), 'mallory')).toBe(429)
  })

  it('that no bundle could name is refused with its bundle', async () => {
    useLists([hasList(['mallory'])])
    const esper = await harness.ready()
    const { list_id, count } = hasList(['alice'])
    harness.controlPlane.publish({ lists: [{ list_id, count, sha256: '../../etc/passwd', bytes: 10 }] })
    await until('the refusal', () => esper.status().bundle.lastRefusal === 'malformed')
    harness.controlPlane.publish({ lists: [{ ...hasList(['alice']), bytes: 9_000_000 }] })
    await until('another refusal', () => esper.status().bundle.refused === 2)
  })

  it('that a bundle forgot leaves out the policies that need it, and says so', async () => {
    useLists([])
    const { bundle } = harness.controlPlane
    const deny = policy('deny', '/deny', { mitigation_id: 'mit_block' })
    harness.controlPlane.bundle = { ...bundle, policies: [...bundle.policies, deny] }
    const esper = await harness.ready()
    const url = await harness.ok(esper)
    expect([await as(url, 'mallory'), await as(`${url}/deny`, 'mallory')]).toEqual([200, 429])
    expect(esper.status().bundle.problems).toMatchObject([{ id: 'pol_lst_bad', code: 'list_unavailable' }])
  })

  it('forgets an entry when its time is over, without a word from the control plane', async () => {
    useLists([hasList([{ value: 'mallory', expires_at: Date.now() + 1_500 }, 'eve'])])
    const esper = await harness.ready()
    const url = await harness.ok(esper)
    expect([await as(url, 'mallory'), await as(url, 'eve')]).toEqual([429, 429])
    await harness.controlPlane.stop()
    await waitUntil(async () => (await as(url, 'mallory')) === 200, { everyMs: 50, timeoutMs: 20_000, what: 'the end' })
    expect(await as(url, 'eve')).toBe(429)
  })
})

describe('on disk', () => {
  const files = () => readdirSync(harness.folder).filter((name) => name.startsWith('list-'))

  it('stands beside the bundle, for this user alone, and serves without a control plane', async () => {
    const list = hasList(['mallory'])
    useLists([list])
    await (await harness.ready()).close({ timeoutMs: 0 })
    const [file = ''] = files()
    expect(file).toContain(list.sha256)
    expect(statSync(join(harness.folder, file)).mode & 0o777).toBe(0o600)
    await harness.controlPlane.stop()
    const alone = harness.client()
    expect(alone.status().bundle).toMatchObject({ origin: 'disk', revision: 1 })
    expect(await as(await harness.ok(alone), 'mallory')).toBe(429)
  })

  it('is not fetched again by the next process', async () => {
    useLists([hasList(['mallory'])])
    await (await harness.ready()).close({ timeoutMs: 0 })
    await harness.ready()
    expect(partCalls()).toHaveLength(1)
  })

  it.each([
    ['was changed', (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('mallory', 'alice00'))],
    ['was cut off', (file: string) => writeFileSync(file, '')],
  ])('holds its bundle back when it %s, and is fetched anew', async (_what, damage) => {
    useLists([hasList(['mallory'])])
    await (await harness.ready()).close({ timeoutMs: 0 })
    damage(join(harness.folder, files()[0] ?? ''))
    const esper = harness.client()
    expect(esper.status().bundle).toMatchObject({ state: 'never_loaded', lastRefusal: 'lists' })
    await until('the bundle', () => revision(esper) === 1)
    expect(await as(await harness.ok(esper), 'mallory')).toBe(429)
    expect(partCalls()).toHaveLength(2)
  })

  it('does not grow without end', async () => {
    const many = (seed: number) => Array.from({ length: 12_000 }, (_, n) => `${seed}-${n}`.padEnd(500, '.'))
    useLists([hasList(many(0))])
    const esper = await harness.ready()
    for (let seed = 1; seed <= 8; seed++) {
      harness.controlPlane.publish({ lists: [hasList(many(seed))] })
      await until(`revision ${seed + 1}`, () => revision(esper) === seed + 1)
    }
    expect(files().length).toBeLessThanOrEqual(7)
  })
})

it('100,000 entries are taken while the process goes on, and decide', async () => {
  useLists([hasList(['mallory'])])
  const esper = await harness.ready()
  const url = await harness.ok(esper)
  const entries = Array.from({ length: 100_000 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)
  const list = hasList(entries)
  expect(await as(url, '10.1.134.159')).toBe(200)
  harness.controlPlane.publish({ lists: [list] })
  let longestMs = 0
  let last = performance.now()
  const beat = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - last)
    last = performance.now()
  }, 1)
  await until('revision 2', () => revision(esper) === 2)
  clearInterval(beat)
  expect([await as(url, '10.1.134.159'), await as(url, '10.1.134.160'), await as(url, 'mallory')]).toEqual([
    429, 200, 200,
  ])
  console.info(`the longest pause while 100,000 entries came: ${longestMs.toFixed(1)} ms`)
})
