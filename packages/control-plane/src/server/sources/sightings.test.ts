import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '@esper/testkit'
import { expect, test } from 'vitest'
import { createLogger } from '../../observability/logger.js'
import type { SdkSighting } from '../sdk-api-contract.js'
import { createSightings } from './sightings.js'

const SIGHTING: SdkSighting = {
  tenant_id: 'ten_a',
  source_id: 'web',
  instance_id: 'i',
  sdk: 'esper-node/1.0.0',
  revision: 1,
  by: 'sync',
  at: 1_000,
}

function sightingsInto(put: (sighting: SdkSighting) => Promise<void>) {
  return createSightings({ sources: { put }, logger: createLogger({ level: 'silent', service: 'test' }) })
}

test('what one process says is stored in the order in which it said so, however long each takes', async () => {
  const stored: number[] = []
  let delay = 30
  const note = sightingsInto(async ({ revision }) => {
    delay -= 10
    await sleep(delay)
    stored.push(revision)
  })
  for (const revision of [1, 2, 3]) note({ ...SIGHTING, revision })
  await waitUntil(() => stored.length === 3, { what: 'three sightings' })
  expect(stored).toEqual([1, 2, 3])
})

test('only what is new is stored at once; a batch of an older revision says nothing new', async () => {
  const stored: SdkSighting[] = []
  const note = sightingsInto(async (sighting) => void stored.push(sighting))
  note({ ...SIGHTING, revision: 5 })
  note({ ...SIGHTING, revision: 5, at: 2_000 })
  note({ ...SIGHTING, revision: 3, by: 'batch', at: 3_000 })
  note({ ...SIGHTING, revision: 3, by: 'batch', at: 3_000, loss: { queue_full: 1 } })
  note({ ...SIGHTING, revision: 5, at: 20_000 })
  note({ ...SIGHTING, revision: 5, source_id: 'other', at: 20_000 })
  await waitUntil(() => stored.length >= 4, { what: 'what is new' })
  const said = stored.map(({ source_id, by, at }) => `${source_id} ${by} ${at}`)
  expect(said.sort()).toEqual(['other sync 20000', 'web batch 3000', 'web sync 1000', 'web sync 20000'])
})

test('what could not be stored is stored when it is said again', async () => {
  let works = false
  const stored: SdkSighting[] = []
  const note = sightingsInto(async (sighting) => {
    if (!works) throw new Error('the database is away')
    stored.push(sighting)
  })
  note(SIGHTING)
  await sleep(0)
  works = true
  note(SIGHTING)
  await waitUntil(() => stored.length === 1, { what: 'the sighting' })
})
