import type { EventLine } from '@esper/core'
import { useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { sendBatch } from '../pipeline-testing/pipeline.js'
import { firstOf } from '../server/testing/operator.js'
import { type ServerWithEngine, startWithEngine } from '../server/testing/start-with-engine.js'
import { createEsper, type Esper } from './testing/run-esper.js'

const database = useDatabase()
const start = Date.now() - 30_000
let running: ServerWithEngine
let esper: Esper
let tenantId: string

const ofTenant = z.object({ tenant_id: z.string() })
const heldList = z.array(z.object({ active_mitigation_id: z.string() }))
const revisionList = z.array(z.object({ revision: z.number() }))

/** Four attempts to sign in by one address, of which the third and the fourth are blocked, and one look at a page. */
beforeAll(async () => {
  running = await startWithEngine({ database })
  const { token } = await running.server.operator('Olga')
  esper = createEsper({ ESPER_URL: running.server.url, ESPER_OPERATOR_TOKEN: token })
  tenantId = ofTenant.parse(await esper.json(['tenant', 'create', '--set', 'name=Acme'])).tenant_id
  await set('action', 'name=login', 'expression=request_path = "/login"')
  await set('entity', 'name=address', 'key_fields=[client_ip]')
  await set('mitigation', 'name=stop', 'mode=Block', 'duration_seconds=3600')
  await set(
    ...['policy', 'name=Stuffing', 'expression=request_method = "POST"', 'actions=[login]'],
    ...['entity_definition=address', 'mitigation=stop', 'window.seconds=60', 'window.threshold=3'],
  )
  const events = [1, 2, 3, 4].map((second) => event(`login${second}`, second, { request_method: 'POST' }))
  events.push(event('look', 5, { request_method: 'GET', request_path: '/' }))
  const { revision } = firstOf(revisionList.parse(await esper.json(['revision', 'list', '--limit', '1'])))
  await sendBatch(running.ingestion, { tenantId, revision, events })
})
afterAll(async () => {
  esper.remove()
  await running.stop()
})

async function set(command: string, ...values: readonly string[]): Promise<void> {
  await esper.json([command, 'create', ...values.flatMap((value) => ['--set', value])])
}

function event(id: string, second: number, fields: object): EventLine {
  return {
    event_id: id,
    observed_at: start + second * 1_000,
    fields: { request_path: '/login', client_ip: '192.0.2.1', user_agent: 'curl', ...fields },
  }
}

async function table(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await esper.run([...args, '--output', 'table'])
  expect(code, err).toBe(0)
  return out
}

describe('esper results', () => {
  it('waits until events are decided, and shows what each policy did', async () => {
    const text = await table('results', '--wait', '5')
    expect(text).toMatch(/^5 events from \S+ to \S+\n/)
    expect(text).toMatch(/^POLICY +MODE +OBSERVE +CHALLENGE +BLOCK/m)
    expect(text).toMatch(/^Stuffing +Block +0 +0 +2 +0 .* 4 of 3 /m)
  })

  it('shows one policy with its newest decisions', async () => {
    const text = await table('results', 'Stuffing')
    expect(text).toMatch(/^ {2}block +2$/m)
    expect(text).toMatch(/block +no +policy +4 +client_ip=192\.0\.2\.1 .* login4$/m)
  })

  it('shows another time when asked', async () => {
    const nothing = await esper.json(['results', '--from', '2026-01-01', '--to', '2026-01-02'])
    expect(nothing).toMatchObject({ events: 0, from: '2026-01-01T00:00:00.000Z', items: [{ total: 0 }] })
    expect(await esper.json(['results', '--since', '1h'])).toMatchObject({ events: 5 })
  })

  it.each([
    [['results', '--from', 'yesterday'], 2, '"yesterday" is not a time'],
    [['results', '--since', '1w'], 2, '"1w" is not a duration'],
    [['results', '--since', '1h', '--from', '2026-01-01'], 2, 'Give one of them'],
    [['results', '--wait', 'all'], 2, 'not a whole number above zero'],
    [['results', 'Nothing such'], 5, 'There is no policy "Nothing such"'],
  ])('refuses %j', async (args, code, message) => {
    const ran = await esper.run(args)
    expect(ran).toMatchObject({ code, out: '' })
    expect(ran.err).toContain(message)
  })
})

describe('esper events', () => {
  it('lists what came in and what was decided', async () => {
    const text = await table('events', 'list')
    expect(text).toMatch(/^OBSERVED +REQUEST +ADDRESS +SOURCE +STATE +ENFORCED +DECIDED +EVENT$/m)
    expect(text).toMatch(/ POST \/login +192\.0\.2\.1 .* decided +- +block +login4$/m)
    expect(await esper.json(['events', 'list', '--limit', '2'])).toMatchObject([
      { event_id: 'look' },
      { event_id: 'login4' },
    ])
  })

  it('finds those that were asked for', async () => {
    const ids = z.array(z.object({ event_id: z.string() }))
    const listed = async (...args: readonly string[]) =>
      ids.parse(await esper.json(['events', 'list', ...args])).map(({ event_id }) => event_id)
    expect(await listed('--outcome', 'block')).toEqual(['login4', 'login3'])
    expect(await listed('--policy', 'Stuffing', '--limit', '1')).toEqual(['login4'])
    expect(await listed('--outcome', 'none', '--limit', '1')).toEqual(['look'])
    expect(await listed('--source', 'another')).toEqual([])
  })

  it('shows one, and explains it clause by clause', async () => {
    expect(await esper.json(['events', 'show', 'login3'])).toMatchObject({ event_id: 'login3', state: 'decided' })
    const text = await table('events', 'explain', 'login3')
    expect(text).toContain('Actions that matched: login')
    expect(text).toContain('Stuffing (Block): it holds; block')
    expect(text).toContain('yes request_method = "POST"   (request_method is "POST")')
    expect(text).toContain('entity address: client_ip=192.0.2.1')
    expect(text).toContain('window: 3 of 3 in 60 s')
    expect(await table('events', 'explain', 'look', '--policy', 'Stuffing')).toContain(' no action login')
    expect((await esper.run(['events', 'show', 'nothing'])).code).toBe(5)
  })
})

describe('esper active-mitigation', () => {
  it('lists who is held, and lets go with an exemption', async () => {
    const held = await waitUntil(
      async () => {
        const list = heldList.parse(await esper.json(['active-mitigation', 'list']))
        return list.length === 1 && list
      },
      { what: 'an active mitigation' },
    )
    const { active_mitigation_id: id } = firstOf(held)
    expect(await table('active-mitigation', 'list')).toMatch(/^client_ip=192\.0\.2\.1 +Stuffing +/m)
    const released = await esper.json([
      ...['active-mitigation', 'release', id, '--exempt-for', '24h', '--note', 'our load test'],
    ])
    expect(released).toMatchObject({ exemption: { note: 'our load test', expression: expect.stringContaining('192') } })
    expect(await table('active-mitigation', 'list')).toBe('Nobody is held.\n')
    const again = await esper.run(['active-mitigation', 'release', id])
    expect(again.code).toBe(5)
  })

  it('refuses a time that is none', async () => {
    const ran = await esper.run(['active-mitigation', 'release', 'act_00000000', '--exempt-for', 'ever'])
    expect(ran).toMatchObject({ code: 2, out: '' })
  })
})

describe('esper enforcement and esper revision', () => {
  it('turn the switch and bring back what was', async () => {
    const [{ revision } = { revision: 0 }] = revisionList.parse(await esper.json(['revision', 'list', '--limit', '1']))
    expect(await esper.json(['enforcement', 'show'])).toMatchObject({ slug: 'acme', enforcement: 'on' })
    expect(await table('enforcement', 'set', 'monitor')).toContain('acme: monitor (policies only observe')
    await esper.json(['policy', 'delete', 'Stuffing', '--yes'])

    const asked = await esper.run(['revision', 'restore', String(revision)])
    expect(asked).toMatchObject({ code: 2, out: '' })
    expect(asked.err).toContain('--yes')
    const text = await table('revision', 'restore', String(revision), '--yes')
    expect(text).toContain('+ policy "Stuffing"')
    expect(await esper.json(['policy', 'show', 'Stuffing'])).toMatchObject({ enabled: true })
    expect((await esper.run(['revision', 'restore', '9999', '--yes'])).code).toBe(5)
    expect((await esper.run(['enforcement', 'set', 'off'])).code).toBe(2)
  })
})
