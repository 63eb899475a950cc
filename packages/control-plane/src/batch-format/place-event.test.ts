import { describe, expect, it } from 'vitest'
import { placeEvent } from './place-event.js'

const place = { source_id: 'partner', trust_level: 'External', received_at: 1_700_000_000_000 } as const
const options = { clearCookies: [], redact: (value: string) => `mac(${value.length})` }

function placed(observedAt: number, fields: Readonly<Record<string, string>>) {
  return placeEvent(place, { event_id: 'e1', observed_at: observedAt, fields }, options)
}

describe('placeEvent', () => {
  it("sets source, trust and time by the server's word, whatever the sender wrote", () => {
    const { fields } = placed(place.received_at - 5, {
      request_path: '/a',
      source_id: 'web',
      trust_level: 'Trusted',
      observed_at: 'yesterday',
    })
    expect(fields).toEqual({
      request_path: '/a',
      source_id: 'partner',
      trust_level: 'External',
      observed_at: place.received_at - 5,
    })
  })

  it('keeps the past and takes what is more than a minute ahead for the time of arrival', () => {
    expect(placed(1_600_000_000_000, {}).at).toBe(1_600_000_000_000)
    expect(placed(place.received_at + 60_000, {}).at).toBe(place.received_at + 60_000)
    expect(placed(place.received_at + 60_001, {}).at).toBe(place.received_at)
  })
})
