import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../protocol/limits.js'
import { isInRange, parseAddressRange } from '../addresses/address-range.js'
import { canonicalListEntry } from './list-entry.js'
import { type ListPartEntry, listPart, type PreparedList, prepareList, prepareListInSlices } from './prepared-list.js'

function listOf(...entries: readonly (string | ListPartEntry)[]): PreparedList {
  const list = prepareList(listPart(entries.map((entry) => (typeof entry === 'string' ? { value: entry } : entry))))
  if (list === undefined) throw new Error('no list')
  return list
}

describe('a list', () => {
  it.each([
    ['text exactly', ['alice'], 'alice', true],
    ['no part of a text', ['alice'], 'alice2', false],
    ['no other case', ['alice'], 'Alice', false],
    ['no spaces that are not there', ['alice'], ' alice', false],
    ['text in either Unicode form', ['caf\u00e9'], 'cafe\u0301', true],
    ['entries in either Unicode form', ['cafe\u0301'], 'caf\u00e9', true],
    ['names that every object has', ['a'], 'constructor', false],
    ['an address', ['203.0.113.7'], '203.0.113.7', true],
    ['no neighbour of it', ['203.0.113.7'], '203.0.113.8', false],
    ['an IPv4-mapped address', ['203.0.113.7'], '::ffff:203.0.113.7', true],
    ['an address by an IPv4-mapped entry', ['::ffff:cb00:7107'], '203.0.113.7', true],
    ['an address in a range', ['10.0.0.0/8'], '10.9.8.7', true],
    ['no address beside it', ['10.0.0.0/8'], '11.0.0.0', false],
    ['the first and last of a range', ['192.0.2.128/25'], '192.0.2.255', true],
    ['a range written by an address in it', ['10.1.2.3/8'], '10.200.0.1', true],
    ['a range of IPv4-mapped addresses', ['::ffff:10.0.0.0/104'], '10.9.8.7', true],
    ['any IPv4 address in /0', ['0.0.0.0/0'], '255.255.255.255', true],
    ['no IPv6 address in 0.0.0.0/0', ['0.0.0.0/0'], '2001:db8::1', false],
    ['an address above 127', ['200.0.0.0/7'], '201.255.0.1', true],
    ['IPv6 in any writing', ['2001:DB8:0:0::1'], '2001:db8::1', true],
    ['IPv6 in a range', ['2001:db8::/33'], '2001:db8:7fff::1', true],
    ['no IPv6 beside it', ['2001:db8::/33'], '2001:db8:8000::1', false],
    ['any IPv6 address in ::/0', ['::/0'], 'fe80::1%eth0', true],
    ['a range that another holds', ['10.0.0.0/8'], '10.1.0.0/16', true],
    ['a range itself', ['10.0.0.0/8'], '10.0.0.0/8', true],
    ['no range that holds another', ['10.1.0.0/16'], '10.0.0.0/8', false],
    ['no text that only begins as an address', ['10.0.0.0/8'], '10.0.0.1/login', false],
    ['text with a slash', ['1.2.3.4/login'], '1.2.3.4/login', true],
    ['nothing in nothing', [], '', false],
  ])('finds %s', (_what, entries, value, found) => {
    expect(listOf(...entries).has(value, 0)).toBe(found)
  })

  it('looks at no entry from the moment on at which it expires', () => {
    const list = listOf({ value: 'a', expires_at: 1_000 }, { value: '10.0.0.0/24', expires_at: 1_000 })
    for (const value of ['a', '10.0.0.9']) {
      expect([999, 1_000, 1_001].map((at) => list.has(value, at))).toEqual([true, false, false])
    }
  })

  it('goes on to a wider range where a narrower one has expired', () => {
    const list = listOf({ value: '10.0.0.0/24', expires_at: 1_000 }, '10.0.0.0/8')
    expect(list.has('10.0.0.9', 2_000)).toBe(true)
  })

  it('counts its entries', () => expect(listOf('a', '10.0.0.0/8', 'b').count).toBe(3))
})

describe('the form of an entry', () => {
  it.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['10.1.2.3/32', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::FFFF:10.1.2.3/104', '10.0.0.0/8'],
    ['2001:DB8:0::0001', '2001:db8::1'],
    ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
    ['2001:db8::1/128', '2001:db8::1'],
    ['cafe\u0301', 'caf\u00e9'],
    ['10.1.2.3/33', '10.1.2.3/33'],
    ['fade', 'fade'],
    ['Alice', 'Alice'],
  ])('%s is %s', (text, form) => {
    expect(canonicalListEntry(text)).toBe(form)
    expect(canonicalListEntry(form)).toBe(form)
  })
})

describe('a part', () => {
  it.each([
    ['of another format', 'esper-list/2\na\n'],
    ['without a first line', 'a\n'],
    ['that was cut off', 'esper-list/1\na\nb'],
    ['with an empty entry', 'esper-list/1\na\n\nb\n'],
    ['with an expiry that is no time', 'esper-list/1\na\tsoon\n'],
    ['with two tabs', 'esper-list/1\na\t1\t2\n'],
    ['with an entry that is too long', `esper-list/1\n${'a'.repeat(LIMITS.listEntryUnits + 1)}\n`],
    ['with too many entries', `esper-list/1\n${'a\n'.repeat(LIMITS.listEntries + 1)}`],
    ['that is empty', ''],
  ])('%s is refused', (_what, part) => expect(prepareList(part)).toBeUndefined())

  it('is prepared in slices, with the same result', () => {
    const part = listPart(Array.from({ length: 2_500 }, (_, index) => ({ value: `user-${index}` })))
    const steps = prepareListInSlices(part, 1_000)
    expect([steps.next().done, steps.next().done]).toEqual([false, false])
    const last = steps.next()
    expect(last.done).toBe(true)
    expect(last.value?.has('user-2499', 0)).toBe(true)
    expect(last.value?.count).toBe(2_500)
  })
})

const octet = fc.constantFrom(0, 1, 127, 128, 255)
const four = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'))
const group = fc.constantFrom('0', '1', '7fff', '8000', 'ffff', 'db8')
const six = fc
  .tuple(group, group, group, group)
  .map((groups) => `${groups.slice(0, 2).join(':')}::${groups.slice(2).join(':')}`)
const address = fc.oneof(
  four,
  six,
  four.map((text) => `::ffff:${text}`),
)
const range = fc
  .tuple(address, fc.nat(128))
  .map(([text, bits]) => `${text}/${text.includes('.') && !text.includes(':') ? bits % 33 : bits}`)
const word = fc.constantFrom('a', 'b', 'caf\u00e9', 'cafe\u0301', '10', '::', '1.2', 'a.b')
const value = fc.oneof(address, range, word)
const entry = fc.record({ value, expires_at: fc.option(fc.nat(3), { nil: undefined, freq: 2 }) })

/** Every entry looked at, one after another. */
function naiveHas(entries: readonly { value: string; expires_at: number | undefined }[], text: string, at: number) {
  const sought = parseAddressRange(text)
  return entries.some((one) => {
    if (one.expires_at !== undefined && at >= one.expires_at) return false
    const listed = parseAddressRange(one.value)
    if (listed === undefined) return one.value.normalize('NFC') === text.normalize('NFC')
    return sought !== undefined && listed.bits <= sought.bits && isInRange(sought.first, listed)
  })
}

it('a list finds what looking at every entry finds', () => {
  let found = 0
  let compared = 0
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1, maxLength: 30, size: 'max' }),
      fc.array(value, { minLength: 1, maxLength: 10, size: 'max' }),
      fc.nat(4),
      (given, sought, at) => {
        // A value has one entry; the last one is it.
        const entries = [...new Map(given.map((one) => [canonicalListEntry(one.value), one])).values()]
        const list = listOf(
          ...entries.map((one) => (one.expires_at === undefined ? one.value : { ...one, expires_at: one.expires_at })),
        )
        for (const text of sought) {
          const wanted = naiveHas(entries, text, at)
          compared += 1
          if (wanted) found += 1
          expect({ text, has: list.has(text, at) }).toEqual({ text, has: wanted })
        }
      },
    ),
    { numRuns: 1_000, seed: 20_261_126 },
  )
  expect(found).toBeGreaterThan(compared / 20)
})
