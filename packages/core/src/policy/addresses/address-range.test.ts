import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prepareExpression } from '../expression/expression.js'
import { program } from '../testing/build-policy-set.js'
import { isInRange, parseAddressRange } from './address-range.js'
import { parseIpAddress } from './ip-address.js'

const SEED = 20_261_123
// Few different bits, so that addresses and ranges meet.
const octet = fc.constantFrom(0, 1, 10, 127, 128, 255)
const four = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'))
const group = fc.constantFrom('0', '1', '8000', 'ffff', 'db8', '2001')
const six = fc.array(group, { minLength: 8, maxLength: 8 }).map((parts) => parts.join(':'))

function contains(range: string, text: string): boolean | undefined {
  const [parsed, address] = [parseAddressRange(range), parseIpAddress(text)]
  return parsed === undefined || address === undefined ? undefined : isInRange(address, parsed)
}

function cidr(ip: unknown, ...range: readonly unknown[]): unknown {
  const fields = JSON.parse(JSON.stringify({ ip, range: range.length === 1 ? range[0] : range }))
  const dynamic = prepareExpression(program('call', 'cidr', ['path', 'ip'], ['path', 'range']))
  return dynamic.ok ? dynamic.expression.evaluate(fields) : undefined
}

describe('a range of addresses', () => {
  it(`holds what node:net says it holds, seed ${SEED}`, () => {
    const addresses = fc.oneof(
      fc.tuple(four, four, fc.nat({ max: 32 }), fc.constant('ipv4' as const)),
      fc.tuple(six, six, fc.nat({ max: 128 }), fc.constant('ipv6' as const)),
    )
    fc.assert(
      fc.property(addresses, ([first, address, bits, family]) => {
        const list = new BlockList()
        list.addSubnet(first, bits, family)
        expect(contains(`${first}/${bits}`, address)).toBe(list.check(address, family))
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  const held: readonly (readonly [range: string, address: string, isIn: boolean | undefined])[] = [
    ['203.0.113.0/24', '203.0.113.255', true],
    ['203.0.113.0/24', '203.0.114.0', false],
    ['203.0.113.9/24', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '203.0.113.7', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '11.1.2.3', false],
    ['::ffff:10.0.0.0/95', '10.1.2.3', undefined],
    ...['10.0.0.0/33', '::/129', '10.0.0/8', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/ 8', '', 'all'].map(
      (range) => [range, '10.0.0.1', undefined] as const,
    ),
  ]
  for (const [range, address, isIn] of held) {
    const verb = isIn === undefined ? 'is no range' : isIn ? 'holds' : 'does not hold'
    it(`${range || 'nothing'} ${verb} ${isIn === undefined ? '' : address}`, () => {
      expect(contains(range, address)).toBe(isIn)
    })
  }
})

describe('$cidr', () => {
  it('takes one range or a list, known beforehand or read from the event', () => {
    const ranges = ['list', ['lit', '10.0.0.0/8'], ['lit', '2001:db8::/32']]
    const prepared = prepareExpression(program('call', 'cidr', ['path', 'ip'], ranges))
    const evaluate = (ip: string) => (prepared.ok ? prepared.expression.evaluate({ client_ip: ip }) : prepared.problem)
    expect(evaluate('10.1.1.1')).toEqual({ ok: true, value: true })
    expect(evaluate('2001:db8::1')).toEqual({ ok: true, value: true })
    expect(evaluate('192.0.2.1')).toEqual({ ok: true, value: false })
    expect(evaluate('unknown')).toEqual({ ok: false, code: 'E1001' })
    expect(cidr('10.1.1.1', '192.0.2.0/24', '10.0.0.0/8')).toEqual({ ok: true, value: true })
  })

  it('is missing for what is missing, and an error for what is neither address nor range', () => {
    expect(cidr(undefined, '10.0.0.0/8')).toEqual({ ok: true, value: undefined })
    expect(cidr('10.0.0.1', undefined)).toEqual({ ok: true, value: undefined })
    expect(cidr('10.0.0', '10.0.0.0/8')).toEqual({ ok: false, code: 'E1001' })
    expect(cidr('10.0.0.1', '10.0.0.0/40')).toEqual({ ok: false, code: 'E1002' })
    expect(cidr('10.0.0.1', '10.0.0.0/8', 5)).toEqual({ ok: false, code: 'T0410' })
    expect(cidr(5, '10.0.0.0/8')).toEqual({ ok: false, code: 'T0410' })
  })

  it('is refused in a program with a constant that is no range', () => {
    expect(prepareExpression(program('call', 'cidr', ['path', 'ip'], ['lit', '10.0.0.0/40']))).toMatchObject({
      ok: false,
      problem: { code: 'program_malformed' },
    })
  })
})
