import { describe, expect, it } from 'vitest'
import { NO_DEMAND } from '../../protocol/bundle.js'
import { type EncoderOptions, RequestEncoder } from './encode.js'
import { encodeActivity } from './encode-activity.js'

const AT = 1_700_000_000_000
const OPTIONS: EncoderOptions = {
  demand: { ...NO_DEMAND, labels: ['queue', 'api_token'] },
  clearCookies: [],
  sourceId: 'jobs',
  trustLevel: 'Internal',
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
    expect(plain(encodeActivity(activity, AT, OPTIONS))).toEqual({
      tracked_action: 'password_reset',
      client_ip: '203.0.113.7',
      source_id: 'jobs',
      trust_level: 'Internal',
      observed_at: AT,
      user_id: '7',
      labels: { queue: 'mail', api_token: `hash:${'h'.repeat(43)}` },
    })
  })

  it('has no field that only a request has', () => {
    expect(Object.keys(encodeActivity({ action: 'x' }, AT, OPTIONS))).toEqual([
      'tracked_action',
      'source_id',
      'trust_level',
      'observed_at',
    ])
  })
})

it('an address is described as far as the database says anything', () => {
  const input = { method: 'GET', url: '/', headers: [], clientIp: '203.0.113.7' }
  const encoder = new RequestEncoder(OPTIONS)
  const fields = encoder.encode({ ...input, origin: { country: 'CH', asn: 64496, asName: 'Example' } }, AT)
  expect(fields).toMatchObject({ ip_country: 'CH', ip_asn: 64496, ip_as_name: 'Example' })
  expect(Object.keys(encoder.encode({ ...input, origin: { asn: 1 } }, AT))).not.toContain('ip_country')
})
