import { BlockList } from 'node:net'
import { describe, expect, it } from 'vitest'
import { AddressWatch, clientAddress, normaliseAddress } from './client-address.js'

const list = new BlockList()
list.addSubnet('10.0.0.0', 8, 'ipv4')
list.addSubnet('fd00::', 8, 'ipv6')

describe('client address', () => {
  it.each([
    ['nobody is trusted', '198.51.100.7', '9.9.9.9', 0, '198.51.100.7', 'socket'],
    ['one hop', '10.0.0.1', '9.9.9.9, 203.0.113.5', 1, '203.0.113.5', 'forwarded'],
    ['two hops', '10.0.0.1', '9.9.9.9, 203.0.113.5', 2, '9.9.9.9', 'forwarded'],
    ['more hops than entries', '10.0.0.1', '203.0.113.5', 3, '203.0.113.5', 'forwarded'],
    ['trusted ranges', '10.0.0.1', '9.9.9.9, 203.0.113.5, 10.2.3.4', list, '203.0.113.5', 'forwarded'],
    ['a peer outside of them', '203.0.113.9', '9.9.9.9', list, '203.0.113.9', 'socket'],
    ['a mapped peer in them', '::ffff:10.0.0.1', '203.0.113.5', list, '203.0.113.5', 'forwarded'],
    ['an IPv6 peer in them', 'fd00::1', '2001:DB8::0001', list, '2001:db8::1', 'forwarded'],
    ['an entry with a port', '10.0.0.1', '9.9.9.9, 203.0.113.7:5555', list, '10.0.0.1', 'socket'],
    ['an entry that is markup', '10.0.0.1', '<script>', 1, '10.0.0.1', 'socket'],
    ['leading zeros', '10.0.0.1', '010.0.0.1', 1, '10.0.0.1', 'socket'],
    ['an empty header', '10.0.0.1', '', 1, '10.0.0.1', 'socket'],
    ['no header', '10.0.0.1', undefined, 1, '10.0.0.1', 'socket'],
    ['nobody known to be connected', undefined, '9.9.9.9', 0, undefined, 'unknown'],
    ['nobody known, behind one proxy', undefined, '9.9.9.9, 203.0.113.5', 1, '203.0.113.5', 'forwarded'],
    ['nobody known, behind ranges', undefined, '9.9.9.9, 203.0.113.5, 10.2.3.4', list, '203.0.113.5', 'forwarded'],
  ] as const)('%s', (_name, peer, forwardedFor, trust, address, source) => {
    expect(clientAddress(peer, forwardedFor, trust)).toMatchObject({ address, source })
  })

  it('is written one way', () => {
    expect(normaliseAddress('::FFFF:192.0.2.1')).toBe('192.0.2.1')
    expect(normaliseAddress('2001:0db8:0:0:0:0:0:1')).toBe('2001:db8::1')
    expect(normaliseAddress('fe80::1%eth0')).toBe('fe80::1')
    for (const text of ['', 'localhost', '1.2.3', '256.1.1.1', '1.2.3.4.5', '::g'])
      expect(normaliseAddress(text)).toBeUndefined()
  })

  it('warns when all traffic comes from one proxy that nobody trusts', () => {
    const watch = new AddressWatch()
    for (let n = 0; n < 19; n += 1) watch.note({ address: '10.0.0.1', source: 'socket' }, true)
    expect(watch.report()).not.toHaveProperty('warning')
    watch.note({ address: '10.0.0.1', source: 'socket' }, true)
    expect(watch.report()).toMatchObject({ source: 'socket', warning: expect.stringContaining('set trustProxy') })
    watch.note({ address: '203.0.113.5', source: 'socket' }, false)
    expect(watch.report()).not.toHaveProperty('warning')
  })
})
