import { NO_DEMAND, type Program } from '@esper/core'
import { waitUntil } from '@esper/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { equals, policy, program } from './bundle-fixture.js'
import { Harness, send } from './harness.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

const USER = [{ entity_definition_id: 'ent_user', name: 'user', priority: 1, key_fields: ['user_id'] }]

let harness: Harness
beforeEach(async () => {
  harness = await new Harness().start()
})
afterEach(() => harness.end())

function limit(when: Program, threshold: number): void {
  const window = { seconds: 300, threshold }
  harness.controlPlane.bundle = {
    ...harness.controlPlane.bundle,
    entity_definitions: USER,
    demand: { ...NO_DEMAND, labels: ['queue'] },
    policies: [
      policy('limit', '/', { program: when, mitigation_id: 'mit_block', entity_definition_id: 'ent_user', window }),
    ],
  }
}

const eventsOf = async (count: number) => {
  await waitUntil(() => harness.controlPlane.events.length >= count, { timeoutMs: 30_000, what: `${count} events` })
  return harness.controlPlane.events
}

describe('100 users behind one address', () => {
  it('are told apart once the application knows them: the abuser alone is blocked, and each event counts once', async () => {
    limit(equals('request_path', '/orders'), 6)
    const esper = await harness.ready()
    const url = await harness.app(esper, (app) => {
      app.get('/orders', (request, response) => {
        if (request.esper?.decide({ user_id: String(request.query.user) }).enforced) return
        response.json({ orders: [] })
      })
    })
    const statuses: [user: string, status: number][] = []
    for (let round = 0; round < 3; round += 1) {
      const users = Array.from({ length: 100 }, (_, n) => `user-${n}`)
      // The abuser asks five times as often as anybody else.
      const asking = users.flatMap((user) => (user === 'user-42' ? Array.from({ length: 5 }, () => user) : [user]))
      const answers = await Promise.all(asking.map((user) => send(`${url}/orders?user=${user}`)))
      answers.forEach(({ status }, n) => void statuses.push([asking[n] ?? '', status]))
    }
    const refused = statuses.filter(([, status]) => status === 429)
    expect(new Set(refused.map(([user]) => user))).toEqual(new Set(['user-42']))
    expect(refused).toHaveLength(10)
    const events = await eventsOf(312)
    expect(events).toHaveLength(312)
    expect(new Set(events.map((event) => event.event_id)).size).toBe(312)
    const mine = events.filter(({ fields }) => fields.user_id === 'user-42')
    expect(mine).toHaveLength(15)
    const counts = mine.map(({ decision }) => decision?.n).filter((n) => n !== undefined)
    expect(counts.sort((a, b) => a - b)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    expect(esper.status()).toMatchObject({ counts: { errors: 0 }, delivery: { recorded: 312 } })
  })

  it('decides nothing more once the answer is over, and says so of what comes too late for one', async () => {
    limit(equals('request_path', '/late'), 1)
    const esper = await harness.ready()
    const late: (() => unknown)[] = []
    const url = await harness.app(esper, (app) => {
      app.get('/late', (request, response) => {
        response.write('begun ')
        const decision = request.esper?.decide({ user_id: 'u' })
        response.end(JSON.stringify(decision))
        late.push(() => request.esper?.decide({ user_id: 'another' }))
      })
    })
    const answer = await send(`${url}/late`)
    const decision = JSON.parse(answer.body.replace('begun ', ''))
    expect([answer.status, decision.outcome, decision.enforced, decision.unenforced]).toEqual([
      200,
      'block',
      false,
      'answered',
    ])
    const [event] = await eventsOf(1)
    expect(event).toMatchObject({ fields: { user_id: 'u' }, decision: { outcome: 'block', enforced: false } })
    expect(late.map((ask) => ask())).toEqual([decision])
    expect(harness.controlPlane.events).toHaveLength(1)
  })
})

describe('what is tracked and is no request', () => {
  it('is decided by its name, counted by who it is for, and recorded', async () => {
    limit(equals('tracked_action', 'password_reset'), 3)
    const esper = await harness.ready()
    const track = (user: string, action = 'password_reset') =>
      esper.track(action, { user_id: user, labels: { queue: 'mail', other: 'x' }, client_ip: '::ffff:192.0.2.7' })
    expect([track('u1').outcome, track('u1').outcome, track('u2').outcome]).toEqual(['pass', 'pass', 'pass'])
    expect(track('u1')).toMatchObject({ outcome: 'block', enforced: false, unenforced: 'not_asked', n: 3 })
    expect(track('u1', 'newsletter').outcome).toBe('pass')
    const events = await eventsOf(5)
    expect(events[3]).toMatchObject({
      fields: { tracked_action: 'password_reset', user_id: 'u1', labels: { queue: 'mail' }, client_ip: '192.0.2.7' },
      decision: { policy_id: 'pol_limit', outcome: 'block', enforced: false, n: 3 },
    })
    expect(events[3]?.fields).not.toHaveProperty('request_path')
  })

  it('hurts nobody whatever it is called with', async () => {
    limit(program(['lit', true]), 100)
    const esper = await harness.ready()
    const thrower = Object.defineProperty({}, 'labels', {
      enumerable: true,
      get: () => {
        throw new Error('mine')
      },
    })
    expect(esper.track('', { user_id: undefined, client_ip: 'nowhere' }).outcome).toBe('pass')
    expect(esper.track('x', thrower)).toMatchObject({ outcome: 'pass', failedOpen: true })
    expect(esper.track('x'.repeat(100_000)).outcome).toBe('pass')
    expect(esper.status().counts.errors).toBe(1)
  })
})
