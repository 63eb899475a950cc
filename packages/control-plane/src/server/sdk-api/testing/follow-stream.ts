import { createHmac } from 'node:crypto'
import { type MitigationDelta, streamMacText } from '@esper/core'
import { waitUntil } from '@esper/testkit'
import { expect } from 'vitest'
import { EventParser, type ServerSentEvent } from '../../../clients/event-reader.js'
import type { MitigationUpsert } from '../../../contract/mitigation.js'
import type { Sdk } from './sdk-api-harness.js'

export interface OpenStream {
  readonly events: { readonly name: string; readonly json: string; readonly id: string }[]
  readonly ended: Promise<void>
  close(): void
}

/** Follows an SDK's stream as an SDK does: every MAC must hold. */
export async function follow(sdk: Sdk, query = ''): Promise<OpenStream> {
  const response = await sdk.open({ path: `/v1/stream${query}`, headers: { 'user-agent': 'esper-node/9.9.9' } })
  expect(response.statusCode).toBe(200)
  const parser = new EventParser()
  const events: OpenStream['events'] = []
  const read = async () => {
    for await (const chunk of response) for (const event of parser.push(String(chunk))) take(sdk, event, events)
  }
  const ended = read().catch(() => undefined)
  await waitUntil(() => events.some(({ name }) => name === 'hello'))
  return { events, ended, close: () => void response.destroy() }
}

function take({ tenantId, sourceId, streamMac }: Sdk, event: ServerSentEvent, events: OpenStream['events']): void {
  const [mac, ...rest] = event.data.split(' ')
  const json = rest.join(' ')
  const id = event.id ?? ''
  const name = event.event
  if (name !== 'hello' && name !== 'bundle' && name !== 'mitigation' && name !== 'heartbeat') throw new Error(name)
  const text = streamMacText({ tenantId, sourceId, event: name, id, json })
  expect(mac).toBe(createHmac('sha256', streamMac).update(text).digest('base64url'))
  events.push({ name, json, id })
}

export function upsert(entityKey: string, more: Partial<MitigationUpsert> = {}): MitigationUpsert {
  return {
    policy_id: 'pol_a',
    mitigation_id: 'mit_a',
    counting_scope: 'tenant',
    entity_key: entityKey,
    since: Date.now(),
    expires_at: Date.now() + 600_000,
    revision: 1,
    ...more,
  }
}

/** The entities of the mitigations that came; a removed one with a minus. */
export function entities(stream: OpenStream): string[] {
  return stream.events.flatMap(({ name, json }) => {
    if (name !== 'mitigation') return []
    const delta: MitigationDelta = JSON.parse(json)
    return delta.kind === 'upsert' ? [delta.mitigation.entity_key] : [`-${delta.removal.entity_key}`]
  })
}
