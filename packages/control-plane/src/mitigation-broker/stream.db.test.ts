import type { MitigationDelta } from '@esper/core'
import { waitUntil } from '@esper/testkit'
import { expect, test } from 'vitest'
import { EventParser, readEvents } from '../clients/event-reader.js'
import { newId, publication, sequence, useBrokers } from './testing/broker-harness.js'

const brokers = useBrokers()
const { page, upsert } = brokers

test('every broker streams what any of them wrote, in the order of sequences', async () => {
  const tenantId = newId('ten')
  const seen: number[] = []
  const open = () =>
    readEvents({
      client: brokers.second.service,
      path: '/stream',
      onEvent: ({ event, data }) => {
        if (event === 'hello') hellos += 1
        if (event !== 'mitigation') return
        const message: { tenant_id: string; delta: MitigationDelta } = JSON.parse(data)
        if (message.tenant_id === tenantId) seen.push(sequence(message.delta))
      },
    })
  let hellos = 0
  const reader = open()
  await waitUntil(() => hellos > 0)
  for (let index = 0; index < 6; index += 1) {
    await brokers.client.publish(publication(tenantId, { mitigations: [upsert(`s${index}`)] }))
  }
  await brokers.client.end({ tenant_id: tenantId, revision: 9, policy_ids: ['pol_a'] })
  await waitUntil(() => seen.length === 12)
  await reader.close()
  expect([...seen].sort((a, b) => a - b)).toEqual(seen)
  expect((await page(tenantId, 1)).cursor).toBe(seen.at(-1))
})

test('a reader that comes back with its last id gets what it missed', async () => {
  const tenantId = newId('ten')
  const first = await readStream(undefined, { tenantId, count: 1, write: 'r1' })
  await brokers.client.publish(publication(tenantId, { mitigations: [upsert('r2')] }))
  const missed = await readStream(first.lastId, { tenantId, count: 1 })
  expect(missed).toMatchObject({ resumed: true, entities: ['r2'] })
  const foreign = await readStream('no-token-of-ours', { tenantId, count: 1, write: 'r3' })
  expect(foreign).toMatchObject({ resumed: false, entities: ['r3'] })
})

/** Reads the second broker's stream until so many changes of the tenant have come; `write` is written once it is open. */
async function readStream(
  lastId: string | undefined,
  { tenantId, count, write }: { readonly tenantId: string; readonly count: number; readonly write?: string },
) {
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId }
  const { body } = await brokers.second.service.open({ method: 'GET', path: '/stream', headers, timeoutMs: 10_000 })
  const parser = new EventParser()
  const got = { resumed: undefined as boolean | undefined, entities: [] as string[], lastId: '' }
  for await (const chunk of body.setEncoding('utf8')) {
    for (const { event, data, id } of parser.push(String(chunk))) {
      const message: { resumed?: boolean; tenant_id?: string; delta?: MitigationDelta } = JSON.parse(data)
      if (event === 'hello') got.resumed = message.resumed
      if (event === 'hello' && write !== undefined) {
        await brokers.client.publish(publication(tenantId, { mitigations: [upsert(write)] }))
      }
      if (message.tenant_id !== tenantId || message.delta?.kind !== 'upsert') continue
      got.entities.push(message.delta.mitigation.entity_key)
      got.lastId = id ?? ''
    }
    if (got.entities.length >= count) break
  }
  return got
}
