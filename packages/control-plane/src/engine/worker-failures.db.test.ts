import { waitUntil } from '@esper/testkit'
import { describe, expect, test } from 'vitest'
import { createLogger } from '../observability/logger.js'
import { Died, diesAfter } from '../pipeline-testing/pipeline.js'
import { type ClaimStep, processClaim } from './process-claim.js'
import { login, useEngine } from './testing/engine-harness.js'
import { createWorker } from './worker.js'

const engine = useEngine()
const { tenantWith, event, results } = engine

describe('a worker that dies', () => {
  test.each<ClaimStep>(['prepared', 'committed', 'published', 'acknowledged'])(
    'after %s loses nothing and counts nothing twice',
    async (step) => {
      const tenantId = tenantWith([login])
      await engine.pipeline.send({ tenantId, revision: 1, events: [event(-9), event(-8), event(-7), event(-6)] })
      const claim = await engine.pipeline.claim()
      if (claim === undefined) throw new Error('nothing to claim')
      await expect(processClaim({ ...engine.pipeline.parts, ...diesAfter(step) }, claim)).rejects.toThrow(Died)
      await engine.pipeline.clock.advance(31_000)
      await waitUntil(async () => {
        await engine.pipeline.drain()
        const stats = await engine.pipeline.ingestion.stats(tenantId)
        return stats.queued_batches + stats.leased_batches === 0
      })
      await engine.pipeline.send({ tenantId, revision: 1, events: [event(-31)] })
      await engine.pipeline.drain()
      const { counters, of } = await results(tenantId)
      expect(counters).toEqual({ events: 5 })
      expect(of('pol_login')).toMatchObject({ total: 3, matched_count: 5, closest_n: 5 })
      const sequence = (await engine.pipeline.mitigation.live({ tenantId })).items.map((item) => item.sequence)
      expect(sequence).toHaveLength(1)
    },
  )

  test('leaves publications that another one delivers, even when the batch never comes again', async () => {
    const tenantId = tenantWith([login])
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-9), event(-8), event(-7)] })
    const claim = await engine.pipeline.claim()
    if (claim === undefined) throw new Error('nothing to claim')
    await expect(processClaim({ ...engine.pipeline.parts, ...diesAfter('committed') }, claim)).rejects.toThrow(Died)
    await engine.pipeline.ingestion.ack(claim.claim_id)
    const worker = createWorker({
      workerId: 'w2',
      ingestion: engine.pipeline.ingestion,
      parts: engine.pipeline.parts,
      logger: createLogger({ level: 'silent', service: 'test' }),
      maxBatches: 1,
      waitMs: 0,
      leaseMs: 1_000,
    })
    expect(await worker.recover()).toBe(0)
    await engine.pipeline.clock.advance(61_000)
    expect(await worker.recover()).toBe(1)
    expect(await worker.recover()).toBe(0)
    expect((await results(tenantId)).of('pol_login')).toMatchObject({ total: 1 })
  })

  test('and comes back to life after another took over changes nothing', async () => {
    const tenantId = tenantWith([login])
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-9), event(-8), event(-7)] })
    const stale = await engine.pipeline.claim()
    if (stale === undefined) throw new Error('nothing to claim')
    await engine.pipeline.clock.advance(31_000)
    await waitUntil(async () => (await engine.pipeline.drain()) > 0)
    await expect(processClaim(engine.pipeline.parts, stale)).rejects.toMatchObject({ code: 'claim_expired' })
    const { counters, of } = await results(tenantId)
    expect(counters).toEqual({ events: 3 })
    expect(of('pol_login')).toMatchObject({ total: 1, matched_count: 3 })
  })
})

test('several workers at once on one hot entity count exactly', async () => {
  const tenantId = tenantWith([{ ...login, mitigation_id: 'mit_monitor', window: { seconds: 600, threshold: 1 } }])
  const batches = 12
  for (let batch = 0; batch < batches; batch += 1) {
    await engine.pipeline.send({
      tenantId,
      revision: 1,
      events: Array.from({ length: 10 }, (_, at) => event(-batch - at)),
    })
  }
  let conflicts = 0
  const work = async () => {
    for (;;) {
      const request = { worker_id: 'w', max_batches: 1, wait_ms: 0, lease_ms: 60_000 }
      const { claim } = await engine.pipeline.ingestion.claim(request)
      if (claim === undefined) return
      await processClaim({ ...engine.pipeline.parts, onConflict: () => (conflicts += 1) }, claim)
    }
  }
  await Promise.all([work(), work(), work(), work()])
  const { counters, of } = await results(tenantId)
  expect(counters).toEqual({ events: batches * 10 })
  expect(of('pol_login')).toMatchObject({ total: batches * 10, matched_count: batches * 10, closest_n: batches * 10 })
})
