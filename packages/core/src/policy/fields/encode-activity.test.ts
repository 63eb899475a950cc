import { describe, expect, it } from 'vitest'
import { NO_DEMAND } from '../../protocol/bundle.js'
import { type EncodeOptions, encodeRequest } from './encode.js'
import { encodeActivity } from './encode-activity.js'

const OPTIONS: EncodeOptions = {
  demand: { ...NO_DEMAND, labels: ['queue', 'api_token'] },
  clearCookies: [],
  sourceId: 'jobs',
  trustLevel: 'Internal',
  observedAt: 1_700_000_000_000,
  redact: () => 'h'.repeat(43),
}
const plain = (fields: object): unknown => JSON.parse(JSON.stringify(fields))

describe('an activity that is no request', () => {
  it('has its name, who it is for, and what is demanded of its labels, credentials as hashes', () => {
    const activity = {
      action: 'password_reset',
      clientIp: '::ffff:203.0.113.7',
      user_id: 7,
      labels: { queue: 'mail', api_token: 'secret', other: 'not asked for' },
    }
    expect(plain(encodeActivity(activity, OPTIONS))).toEqual({
      tracked_action: 'password_reset',
      client_ip: '203.0.113.7',
      source_id: 'jobs',
      trust_level: 'Internal',
      observed_at: 1_700_000_000_000,
      user_id: '7',
      labels: { queue: 'mail', api_token: `hash:${'h'.repeat(43)}` },
    })
  })

  it('has no field that only a request has', () => {
    expect(Object.keys(encodeActivity({ action: 'x' }, OPTIONS))).toEqual([
      'tracked_action',
      'source_id',
      'trust_level',
      'observed_at',
    ])
  })
})

it('an address is described as far as the database says anything', () => {
  const input = { method: 'GET', url: '/', headers: [], clientIp: '203.0.113.7' }
  const fields = encodeRequest({ ...input, origin: { country: 'CH', asn: 64496, asName: 'Example' } }, OPTIONS)
  expect(fields).toMatchObject({ ip_country: 'CH', ip_asn: 64496, ip_as_name: 'Example' })
  expect(Object.keys(encodeRequest({ ...input, origin: { asn: 1 } }, OPTIONS))).not.toContain('ip_country')
})
