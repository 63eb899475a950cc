import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ListEntryPage, ListUser } from '../../contract/operator.js'
import { type Operator, problemOf } from '../testing/operator.js'
import { startServer, type TestServer } from '../testing/start-server.js'
import { createTestTenant, type TestTenant } from '../testing/tenant.js'

const database = useDatabase()
// Ahead of the database's own clock, which removes what has expired by it: a slow run would lose its sessions.
const clock = { ms: Date.parse('2036-03-01T12:00:00Z') }
let server: TestServer
let owner: Operator
let acme: TestTenant
let at: string

beforeAll(async () => {
  server = await startServer({ database, now: () => clock.ms })
  owner = await server.operator('Olga')
  acme = await createTestTenant(owner, 'Acme')
  at = acme.at
})
afterAll(() => server.stop())

const plain = (value: string) => ({ value, note: '', expires_at: null })

async function entriesOf(list: { readonly list_id: string }, query = ''): Promise<ListEntryPage> {
  const { body } = await owner.call('GET', `${at}/lists/${list.list_id}/entries${query}`)
  return body as ListEntryPage
}

describe('a list', () => {
  it('keeps its entries in one form each, whatever they were written as', async () => {
    const created = await acme.list({
      description: 'Where we are.',
      entries: [
        '203.0.113.7',
        { value: '10.1.2.3/8', note: 'Office' },
        ' 2001:DB8::0001 ',
        { value: '::ffff:203.0.113.7', note: 'The same again', expires_at: '2036-03-02T00:00:00+01:00' },
        'alice@example.com',
      ],
    })
    expect(created).toMatchObject({
      description: 'Where we are.',
      enabled: true,
      entry_count: 4,
      sha256: expect.stringMatching(/^[\w-]{43}$/),
      entries: [
        { value: '203.0.113.7', note: 'The same again', expires_at: '2036-03-01T23:00:00.000Z' },
        { value: '10.0.0.0/8', note: 'Office', expires_at: null },
        plain('2001:db8::1'),
        plain('alice@example.com'),
      ],
    })
    expect((await owner.get(`${at}/lists/${created.list_id}`)).body).toEqual(created)
    const { entries: _entries, ...record } = created
    const { body: all } = await owner.get(`${at}/lists`)
    expect(all.items.find(({ list_id }) => list_id === created.list_id)).toEqual(record)
  })

  it('is changed as a whole or a few entries at a time, on record', async () => {
    const list = await acme.list({ entries: ['a', 'b', 'c'] })
    const path = `${at}/lists/${list.list_id}` as const
    const { body: added } = await owner.post(`${path}/entries`, { entries: [{ value: 'b', note: 'again' }, 'd'] })
    expect(added).toMatchObject({ list_id: list.list_id, entry_count: 4 })
    expect(added).not.toHaveProperty('entries')
    await owner.post(`${path}/entries/remove`, { values: ['a', 'never there'] })
    const wanted = [{ value: 'b', note: 'again', expires_at: null }, plain('c'), plain('d')]
    expect((await owner.get(path)).body.entries).toEqual(wanted)
    const { body: renamed } = await owner.patch(path, { name: 'Letters', description: null })
    expect(renamed).toMatchObject({ name: 'Letters', description: '', entries: wanted })
    expect((await owner.patch(path, { entries: ['z'] })).body.entries).toEqual([plain('z')])
    const { body: audit } = await owner.get(`${at}/audit?limit=4`)
    expect(audit.items.map(({ action }) => action)).toEqual([...Array(4)].map(() => 'list.update'))
    expect(audit.items[3]).toMatchObject({
      before: { entry_count: 3, changed_entries: [plain('b')] },
      after: { entry_count: 4, changed_entries: [{ value: 'b', note: 'again' }, plain('d')] },
    })
    expect((await owner.delete(path)).status).toBe(204)
    expect(problemOf(await owner.get(path))).toMatchObject({ status: 404 })
  })

  it('lets go of what has expired when it is told to', async () => {
    const over = new Date(clock.ms - 1).toISOString()
    const soon = new Date(clock.ms + 1).toISOString()
    const list = await acme.list({ entries: [{ value: 'a', expires_at: over }, { value: 'b', expires_at: soon }, 'c'] })
    expect((await entriesOf(list, '?state=expired')).items.map(({ value }) => value)).toEqual(['a'])
    const { body } = await owner.post(`${at}/lists/${list.list_id}/entries/remove`, { expired: true })
    expect(body).toMatchObject({ entry_count: 2 })
    expect((await entriesOf(list)).items.map(({ value }) => value)).toEqual(['b', 'c'])
  })

  it('is searched by text, by note, and by an address in a range', async () => {
    const list = await acme.list({
      entries: ['10.0.0.0/8', { value: '203.0.113.7', note: 'Attack of March' }, '2001:db8::/32', 'Anna', 'Hanna'],
    })
    const found = async (search: string) =>
      (await entriesOf(list, `?search=${encodeURIComponent(search)}`)).items.map(({ value }) => value)
    expect(await found('anna')).toEqual(['Anna', 'Hanna'])
    expect(await found('MARCH')).toEqual(['203.0.113.7'])
    expect(await found('10.9.8.7')).toEqual(['10.0.0.0/8'])
    expect(await found('2001:db8:ffff::1')).toEqual(['2001:db8::/32'])
    expect(await found('10.0.0.0/7')).toEqual([])
  })

  it.each<[what: string, body: object, errors: Record<string, string>]>([
    ['an empty entry', { entries: ['a', '  '] }, { 'entries.1.value': 'too_small' }],
    ['two lines in one', { entries: ['a\nb'] }, { 'entries.0.value': 'custom' }],
    ['half a letter', { entries: ['a\ud800'] }, { 'entries.0.value': 'custom' }],
    ['an address that is none', { entries: ['300.1.1.1'] }, { 'entries.0.value': 'invalid_format' }],
    ['a range that is none', { entries: ['a', '10.0.0.0/33'] }, { 'entries.1.value': 'invalid_format' }],
    ['an IPv6 range that is none', { entries: ['2001:db8::/129'] }, { 'entries.0.value': 'invalid_format' }],
    ['a number', { entries: [5] }, { 'entries.0': 'invalid_type' }],
    ['something it does not know', { entries: [{ value: 'a', color: 'red' }] }, { 'entries.0.color': 'unknown_field' }],
    ['no time', { entries: [{ value: 'a', expires_at: 'soon' }] }, { 'entries.0.expires_at': 'invalid_format' }],
    ['much too long', { entries: ['a'.repeat(513)] }, { 'entries.0.value': 'too_big' }],
  ])('with %s is refused', async (_what, body, errors) => {
    const answer = await owner.post(`${at}/lists`, { name: acme.named('bad'), ...body })
    expect(problemOf(answer)).toEqual({ status: 422, code: 'validation_failed', errors })
  })

  it('names a hundred mistakes and not more', async () => {
    const answer = await owner.post(`${at}/lists`, { name: 'bad', entries: Array.from({ length: 5_000 }, () => '') })
    expect(Object.keys(problemOf(answer).errors)).toHaveLength(100)
  })

  it('is read by all, and changed by nobody below an Admin', async () => {
    const analyst = await server.operator('Ann')
    const { body: me } = await analyst.get('/me')
    await owner.post(`${at}/memberships`, { user_id: me.user.user_id, role: 'Analyst' })
    const list = await acme.list({ entries: ['a'] })
    expect((await analyst.get(`${at}/lists/${list.list_id}`)).status).toBe(200)
    for (const [path, body] of [
      ['/lists', { name: 'x' }],
      [`/lists/${list.list_id}/entries`, { entries: ['b'] }],
      [`/lists/${list.list_id}/entries/remove`, { values: ['a'] }],
    ] as const) {
      expect(problemOf(await analyst.post(`${at}${path}`, body))).toMatchObject({ status: 403 })
    }
  })
})

describe('what needs a list', () => {
  it('names it by its name, and is told which name was meant', async () => {
    await acme.list({ name: 'bad addresses' })
    const answer = await owner.post(`${at}/policies`, {
      name: acme.named('policy'),
      expression: 'request_method = "POST" and\n  $in_list(client_ip, "bad adresses")',
    })
    expect(problemOf(answer)).toEqual({
      status: 422,
      code: 'expression_invalid',
      errors: { expression: 'expression_list_unknown' },
    })
    expect(answer.body).toMatchObject({ errors: [{ line: 2, column: 23 }] })
    const checked = await owner.post(`${at}/expressions/check`, { expression: '$in_list(user_id, "bad addresses")' })
    expect(checked.body).toMatchObject({ ok: true, fields: ['user_id'] })
  })

  it('keeps it from being deleted, disabled and renamed while it is enabled', async () => {
    const list = await acme.list({ entries: ['192.0.2.1'] })
    const expression = `$in_list(client_ip, "${list.name}")`
    const users = [
      { path: 'policies', made: await acme.policy({ expression }), type: 'policy' },
      { path: 'actions', made: await acme.action({ expression }), type: 'action' },
      {
        path: 'entity-definitions',
        made: await acme.entity({ match_expression: expression }),
        type: 'entity_definition',
      },
      {
        path: 'exemptions',
        made: await acme.exemption({ expression: null, list_id: list.list_id }),
        type: 'exemption',
      },
    ]
    const path = `${at}/lists/${list.list_id}` as const
    for (const { path: collection, made, type } of users) {
      for (const attempt of [
        await owner.delete(path),
        await owner.patch(path, { enabled: false }),
        await owner.patch(path, { name: acme.named('other') }),
      ]) {
        expect(problemOf(attempt)).toMatchObject({ status: 409, code: 'resource_in_use' })
        const named = expect.objectContaining({ resource_type: type, name: made.name })
        expect(attempt.body).toMatchObject({ used_by: expect.arrayContaining([named]) })
      }
      const { body } = await owner.call('GET', `${path}/used-by`)
      expect((body as { items: ListUser[] }).items).toContainEqual(
        expect.objectContaining({ resource_type: type, name: made.name, enabled: true }),
      )
      const id = Object.values(made)[0]
      expect((await owner.patch(`${at}/${collection}/${id}`, { enabled: false })).status).toBe(200)
    }
    const { body } = await owner.call('GET', `${path}/used-by`)
    expect((body as { items: ListUser[] }).items.map(({ enabled }) => enabled)).toEqual([false, false, false, false])
    expect((await owner.patch(path, { enabled: false })).status).toBe(200)
    const [policy] = users
    const again = await owner.patch(`${at}/policies/${Object.values(policy?.made ?? {})[0]}`, { enabled: true })
    expect(problemOf(again)).toMatchObject({ status: 422, code: 'disabled_reference' })
    expect((await owner.delete(path)).status).toBe(204)
  })

  it('exempts by it', async () => {
    const list = await acme.list()
    expect(await acme.exemption({ expression: null, list_id: list.list_id })).toMatchObject({ list_id: list.list_id })
    const other = await acme.list({ enabled: false })
    const answer = await owner.post(`${at}/exemptions`, { name: acme.named('exemption'), list_id: other.list_id })
    expect(problemOf(answer)).toMatchObject({ status: 422, errors: { list_id: 'disabled_reference' } })
  })

  it('is tried out on what is in it', async () => {
    const list = await acme.list({ entries: ['10.0.0.0/8', { value: 'alice', expires_at: '2020-01-01T00:00:00Z' }] })
    const answerOf = async (input: object, field: string) =>
      (await owner.post(`${at}/expressions/eval`, { expression: `$in_list(${field}, "${list.name}")`, input })).body
    expect(await answerOf({ client_ip: '10.1.1.1' }, 'client_ip')).toEqual({ ok: true, value: true })
    expect(await answerOf({ client_ip: '11.1.1.1' }, 'client_ip')).toEqual({ ok: true, value: false })
    expect(await answerOf({ user_id: 'alice', observed_at: clock.ms }, 'user_id')).toEqual({ ok: true, value: false })
    expect(await answerOf({}, 'user_id')).toEqual({ ok: true })
  })
})

describe('a list of 100,000 entries', () => {
  const addresses = Array.from({ length: 100_000 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)

  it('is taken whole, read a page at a time, and not written out in the audit log', async () => {
    const list = await acme.list({ entries: addresses })
    expect(list.entry_count).toBe(100_000)
    const first = await entriesOf(list, '?limit=1000')
    expect([first.items.length, first.matching]).toEqual([1_000, 100_000])
    const second = await entriesOf(list, `?limit=1000&cursor=${first.next_cursor}`)
    expect(second.items[0]?.value).toBe(addresses[1_000])
    const last = await entriesOf(list, '?search=10.1.134.159')
    expect([last.items.map(({ value }) => value), last.next_cursor]).toEqual([['10.1.134.159'], null])
    const { body: audit } = await owner.get(`${at}/audit?limit=1`)
    expect(audit.items[0]?.after).toMatchObject({ entry_count: 100_000, changed_entries_left_out: 99_950 })
    expect(JSON.stringify(audit).length).toBeLessThan(10_000)
    const one = await owner.post(`${at}/lists/${list.list_id}/entries`, { entries: ['192.0.2.1'] })
    expect(problemOf(one)).toMatchObject({ status: 422, errors: { entries: 'too_big' } })
    expect((await owner.post(`${at}/lists/${list.list_id}/entries/remove`, { values: ['10.0.0.0'] })).status).toBe(200)
    expect((await owner.post(`${at}/lists/${list.list_id}/entries`, { entries: ['192.0.2.1'] })).status).toBe(200)
  })

  it('is not taken with one more', async () => {
    const answer = await owner.post(`${at}/lists`, { name: 'too many', entries: [...addresses, 'more'] })
    expect(problemOf(answer)).toMatchObject({ status: 422, errors: { entries: 'too_big' } })
  })

  it('is the only thing for which so much is read', async () => {
    const entries = addresses.slice(0, 30_000)
    expect(problemOf(await owner.post(`${at}/actions`, { name: 'large', entries }))).toMatchObject({ status: 413 })
    const stranger = await server.operator('Stranger')
    expect(problemOf(await stranger.post(`${at}/lists`, { name: 'large', entries }))).toMatchObject({ status: 404 })
  })
})
