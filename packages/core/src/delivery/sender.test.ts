import { ManualClock, settle } from '@esper/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LossReport } from './ledger.js'
import type { SendOutcome } from './outcome.js'
import { type OutgoingBatch, Sender, type SenderOptions } from './sender.js'

const ACCEPTED: SendOutcome = { kind: 'accepted' }
const UNREACHED: SendOutcome = { kind: 'retry', reached: false, cause: 'refused' }

interface Attempt {
  readonly batch: OutgoingBatch
  answer(outcome: SendOutcome): Promise<void>
}

function setUp(options: Partial<SenderOptions> = {}) {
  const clock = new ManualClock()
  const attempts: Attempt[] = []
  const states: string[] = []
  let ids = 0
  const sender = new Sender({
    clock,
    random: () => 0.5,
    transport: (batch) =>
      new Promise((resolve) => {
        const answer = (outcome: SendOutcome) => {
          resolve(outcome)
          return settle()
        }
        attempts.push({ batch, answer })
      }),
    newBatchId: () => {
      ids += 1
      return `b${ids}`
    },
    headerLine: (revision) => `{"revision":${revision}}`,
    onState: (state) => states.push(state),
    queue: { maxEvents: 20, maxBytes: 10_000 },
    batch: { maxEvents: 4, maxBytes: 1_000, maxAgeMs: 5_000 },
    maxInFlight: 2,
    retry: { baseMs: 1_000, maxMs: 60_000 },
    probe: { baseMs: 30_000, maxMs: 300_000 },
    ...options,
  })
  const offer = (events: number) => {
    for (let n = 0; n < events; n += 1) sender.offer({ line: `"e${n}"`, bytes: 4, lane: 'decision', revision: 1 })
  }
  const attempt = (index: number): Attempt => {
    const found = attempts[index]
    if (found === undefined) throw new Error(`There were only ${attempts.length} attempts.`)
    return found
  }
  return { clock, attempts, attempt, states, sender, offer }
}

function sum(report: LossReport): number {
  const dropped = Object.values(report.dropped).reduce((total, count) => total + count, 0)
  return report.accepted + dropped + report.queued + report.in_flight + report.uncertain
}

describe('sender', () => {
  it('sends a batch when it is full, header line first', async () => {
    const { attempt, offer, sender } = setUp()
    offer(5)
    expect(attempt(0).batch).toMatchObject({
      batchId: 'b1',
      events: 4,
      lines: ['{"revision":1}', '"e0"', '"e1"', '"e2"', '"e3"'],
    })
    await attempt(0).answer(ACCEPTED)
    expect(sender.report()).toMatchObject({ recorded: 5, accepted: 4, queued: 1, in_flight: 0 })
  })

  it('sends a smaller one when its oldest event is old enough', async () => {
    const { attempts, clock, offer } = setUp()
    offer(1)
    await clock.advance(4_999)
    expect(attempts).toHaveLength(0)
    await clock.advance(1)
    expect(attempts).toHaveLength(1)
  })

  it('keeps to its batches in flight', async () => {
    const { attempts, attempt, offer } = setUp()
    offer(12)
    expect(attempts).toHaveLength(2)
    await attempt(1).answer(ACCEPTED)
    expect(attempts).toHaveLength(3)
  })

  it('retries the same batch under the same id, after a jittered delay, one at a time until it succeeds', async () => {
    const { attempts, attempt, clock, offer, states } = setUp()
    offer(8)
    await attempt(0).answer(UNREACHED)
    await attempt(1).answer(UNREACHED)
    await clock.advance(999)
    expect(attempts).toHaveLength(2)
    await clock.advance(1)
    expect(attempts).toHaveLength(3)
    expect(attempt(2).batch).toBe(attempt(0).batch)
    await attempt(2).answer(ACCEPTED)
    expect(attempt(3).batch).toBe(attempt(1).batch)
    expect(states).toEqual(['retrying', 'sending'])
  })

  it('tries again at once when the server was seen to answer, unless that asked for a wait', async () => {
    const { attempts, attempt, clock, offer, sender } = setUp()
    sender.tryNow()
    offer(4)
    await attempt(0).answer({ kind: 'unauthorized', cause: 'status 401' })
    sender.tryNow()
    expect(attempts).toHaveLength(2)
    await attempt(1).answer({ kind: 'retry', afterMs: 20_000, reached: true, cause: 'status 503' })
    sender.tryNow()
    await clock.advance(19_999)
    expect(attempts).toHaveLength(2)
    await clock.advance(1)
    await attempt(2).answer(ACCEPTED)
    expect(sender.report()).toMatchObject({ accepted: 4, in_flight: 0 })
  })

  it('obeys Retry-After', async () => {
    const { attempts, attempt, clock, offer } = setUp()
    offer(4)
    await attempt(0).answer({ kind: 'retry', afterMs: 20_000, reached: true, cause: 'status 503' })
    await clock.advance(19_999)
    expect(attempts).toHaveLength(1)
    await clock.advance(1)
    expect(attempts).toHaveLength(2)
  })

  it('halves what is too large, under new ids, and drops a single event that still is', async () => {
    const { attempt, offer, sender } = setUp({ maxInFlight: 1 })
    offer(4)
    await attempt(0).answer({ kind: 'halve' })
    expect(attempt(1).batch).toMatchObject({ batchId: 'b2', events: 2 })
    await attempt(1).answer({ kind: 'halve' })
    await attempt(2).answer({ kind: 'halve' })
    await attempt(3).answer(ACCEPTED)
    await attempt(4).answer(ACCEPTED)
    expect(sender.report()).toMatchObject({ accepted: 3, dropped: { too_large: 1 }, in_flight: 0 })
  })

  it('sends the same batch again at once when its nonce was known, but not for ever', async () => {
    const { attempts, attempt, offer } = setUp()
    offer(4)
    for (let n = 0; n < 3; n += 1) await attempt(n).answer({ kind: 'resign', cause: 'status 409' })
    expect(attempt(3).batch).toBe(attempt(0).batch)
    await attempt(3).answer({ kind: 'resign', cause: 'status 409' })
    expect(attempts).toHaveLength(4)
  })

  it('latches off when the key is refused, probes with one batch, and recovers by itself', async () => {
    const { attempts, attempt, clock, offer, sender, states } = setUp()
    offer(4)
    await attempt(0).answer({ kind: 'unauthorized', cause: 'status 401' })
    offer(30)
    expect(sender.report()).toMatchObject({ queued: 20, dropped: { queue_full: 10 } })
    await clock.advance(14_999)
    expect(attempts).toHaveLength(1)
    await clock.advance(1)
    expect(attempts).toHaveLength(2)
    expect(attempt(1).batch).toBe(attempt(0).batch)
    await attempt(1).answer(ACCEPTED)
    expect(attempts).toHaveLength(4)
    expect(states).toEqual(['refused', 'sending'])
  })

  it('drains on close, and counts what it could not', async () => {
    const { attempt, clock, offer, sender } = setUp({ maxInFlight: 1 })
    offer(6)
    const closed = sender.close(3_000)
    await attempt(0).answer(ACCEPTED)
    await clock.advance(3_000)
    await closed
    expect(sender.report()).toEqual({ recorded: 6, accepted: 4, dropped: {}, queued: 0, in_flight: 0, uncertain: 2 })
    offer(1)
    expect(sender.report()).toMatchObject({ recorded: 7, dropped: { shutdown: 1 } })
    expect(clock.pending).toBe(0)
  })

  it('closes at once when there is nothing to wait for', async () => {
    const { sender } = setUp()
    await sender.close(60_000)
    expect(sender.report().recorded).toBe(0)
  })

  it('tells unsent from uncertain on close', async () => {
    const { attempt, clock, offer, sender } = setUp()
    offer(8)
    await attempt(0).answer(UNREACHED)
    await attempt(1).answer({ kind: 'retry', reached: true, afterMs: 60_000, cause: 'timeout' })
    const closed = sender.close(10)
    await clock.advance(10)
    await closed
    expect(sender.report()).toMatchObject({ uncertain: 4, dropped: { shutdown: 4 } })
  })

  it('knows where every event is at every instant, whatever happens', async () => {
    const outcome = fc.constantFrom<SendOutcome>(
      ACCEPTED,
      UNREACHED,
      { kind: 'halve' },
      { kind: 'rejected', cause: 'status 422' },
      { kind: 'unauthorized', cause: 'status 401' },
      { kind: 'resign', cause: 'status 409' },
      { kind: 'retry', reached: true, afterMs: 2_000, cause: 'status 503' },
    )
    const step = fc.oneof(
      fc.record({ do: fc.constant('offer' as const), events: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ do: fc.constant('answer' as const), outcome }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { attempts, clock, offer, sender } = setUp()
        let offered = 0
        let answered = 0
        let accepted = 0
        const check = () => expect([sum(sender.report()), sender.report().recorded]).toEqual([offered, offered])
        for (const each of steps) {
          if (each.do === 'offer') {
            offered += each.events
            offer(each.events)
          } else if (each.do === 'wait') await clock.advance(each.ms)
          else {
            const attempt = attempts[answered]
            if (attempt === undefined) continue
            answered += 1
            if (each.outcome.kind === 'accepted') accepted += attempt.batch.events
            await attempt.answer(each.outcome)
          }
          check()
        }
        expect(sender.report().accepted).toBe(accepted)
        const closed = sender.close(1)
        await clock.advance(1)
        await closed
        check()
        expect(sender.report()).toMatchObject({ queued: 0, in_flight: 0, accepted })
      }),
      { numRuns: 60 },
    )
  })
})
