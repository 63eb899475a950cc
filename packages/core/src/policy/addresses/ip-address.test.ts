import { describe, expect, it } from 'vitest'
import { addressGroup, canonicalAddress, parseIpAddress } from './ip-address.js'

describe('addresses', () => {
  const canonical: readonly [given: string, text: string][] = [
    ['203.0.113.7', '203.0.113.7'],
    ['203.000.113.07', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::', '::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['256.1.1.1', '256.1.1.1'],
    ['unknown', 'unknown'],
    ['1::2::3', '1::2::3'],
    ['', ''],
  ]
  for (const [given, text] of canonical) {
    it(`${given || 'nothing'} is written ${text || 'as nothing'}`, () => {
      expect(canonicalAddress(given)).toBe(text)
    })
  }

  it('are counted by network', () => {
    expect(addressGroup('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(addressGroup('::ffff:203.0.113.7')).toBe('203.0.113.7')
    expect(addressGroup('nowhere')).toBe('nowhere')
  })

  it('are refused in any other form', () => {
    for (const text of ['1.2.3', '1.2.3.4.5', '1.2.3.4:80', ':::', 'g::1', '12345::', '1:2:3:4:5:6:7:8:9', '::1.2.3']) {
      expect(parseIpAddress(text)).toBeUndefined()
    }
  })
})
