import { useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DomainError } from '../http/problem.js'
import { createLogger } from '../observability/logger.js'
import { type Pipeline, startPipeline } from '../pipeline-testing/pipeline.js'
import { policyContent } from '../pipeline-testing/policy-content.js'
import type { EngineParts } from './process-claim.js'
import { createWorker, type Worker } from './worker.js'

const database = useDatabase({ name: 'engine' })
let pipeline: Pipeline

beforeAll(async () => {
  pipeline = await startPipeline(database)
})
afterAll(() => pipeline.close())

function workerWith(more: Partial<EngineParts>): Worker {
  return createWorker({
    workerId: 'w',
    ingestion: pipeline.ingestion,
    parts: { ...pipeline.parts, ...more },
    logger: createLogger({ level: 'silent', service: 'test' }),
    maxBatches: 4,
    waitMs: 200,
    leaseMs: 30_000,
  })
}

async function sendOne(tenantId: string): Promise<void> {
  const policies = [{ policy_id: 'pol', expression: 'request_path = "/a"' }]
  pipeline.policyServer.publish(policyContent({ tenantId, revision: 1, policies }))
  const event = { event_id: 'e1', observed_at: pipeline.clock.now(), fields: { request_path: '/a' } }
  await pipeline.send({ tenantId, revision: 1, events: [event] })
}

test('an outage of the mitigation broker costs no attempt, makes no dead letter and counts nothing twice', async () => {
  await sendOne('ten_outage')
  let refused = 0
  const down: EngineParts['mitigation'] = {
    lookup: pipeline.mitigation.lookup,
    publish: async (publication) => {
      refused += 1
      if (refused <= 12) throw new DomainError('dependency_unavailable', 'down')
      return await pipeline.mitigation.publish(publication)
    },
  }
  const stop = new AbortController()
  // Pauses between failures grow; the outage is over once enough of them were seen.
  const running = workerWith({ mitigation: down }).run(stop.signal)
  await waitUntil(() => refused >= 3)
  expect(await pipeline.ingestion.stats('ten_outage')).toMatchObject({ dead_batches: 0 })
  const stored = await database.connection().getClient().db(`${database.databasePrefix}_ingestion`)
  const attempts = async () => (await stored.collection('batches').findOne({ tenant_id: 'ten_outage' }))?.attempts
  expect(await attempts()).toBeLessThanOrEqual(1)
  refused = 100
  const isDone = async () => {
    const { queued_batches: queued, leased_batches: leased } = await pipeline.ingestion.stats('ten_outage')
    return queued + leased === 0
  }
  await waitUntil(isDone, { timeoutMs: 20_000 })
  stop.abort()
  await running
  const span = { tenantId: 'ten_outage', from: pipeline.clock.now() - 60_000, to: pipeline.clock.now() + 60_000 }
  expect(await pipeline.mitigation.policyResults(span)).toMatchObject({
    counters: { events: 1 },
    items: [{ policy_id: 'pol', total: 1, matched_count: 1 }],
  })
})

test('a batch that breaks the engine is told to the broker and tried again later', async () => {
  await sendOne('ten_poison')
  const stop = new AbortController()
  let tries = 0
  const breaking = workerWith({
    policies: {
      ...pipeline.policies,
      connected: true,
      latest: async () => {
        tries += 1
        throw new TypeError('broken by this batch')
      },
    },
  })
  const running = breaking.run(stop.signal)
  await waitUntil(() => tries > 0)
  const batches = database.connection().getClient().db(`${database.databasePrefix}_ingestion`).collection('batches')
  const failed = await waitUntil(async () => {
    const batch = await batches.findOne({ tenant_id: 'ten_poison' })
    return batch?.last_error === undefined ? undefined : batch
  })
  expect(failed).toMatchObject({ state: 'queued', attempts: 1, last_error: 'broken by this batch' })
  expect(failed.available_at.getTime()).toBeGreaterThan(pipeline.clock.now())
  stop.abort()
  await running
})

test('a worker that is stopped while it waits stops at once', async () => {
  const stop = new AbortController()
  const running = workerWith({}).run(stop.signal)
  const startedAt = performance.now()
  stop.abort()
  await running
  expect(performance.now() - startedAt).toBeLessThan(2_000)
})
