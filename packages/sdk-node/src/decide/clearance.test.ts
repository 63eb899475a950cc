import { createSecretKey, randomBytes } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { ClearanceDesk, type ClearanceGrant, type ClearanceNeed, subjectOf } from './clearance.js'
import { mintToken, type NamedKey, readToken } from './token.js'

const NOW = 1_700_000_000_000
const bytes = randomBytes(32)
const key: NamedKey = { keyId: 'clearance-1', key: createSecretKey(bytes) }
const other: NamedKey = { keyId: 'clearance-1', key: createSecretKey(randomBytes(32)) }
const need: ClearanceNeed = {
  tenantId: 'ten_a',
  countingScope: 'tenant',
  subject: 'entity\nabc',
  mitigation: 'mit_a.1',
  minLevel: 1,
  oneTime: false,
}
const grant: ClearanceGrant = {
  tenantId: 'ten_a',
  countingScope: 'tenant',
  mitigation: 'mit_a.1',
  sub: subjectOf(key, need.subject),
  kind: 'pow',
  level: 2,
}
const context = { keys: [key], nowMs: NOW }
const expected = { type: 'esper-clr+jwt', keys: [key], nowMs: NOW } as const
const exp = NOW / 1000 + 60

describe('a clearance', () => {
  const { token, seconds } = new ClearanceDesk().mint(grant, { key, nowMs: NOW })
  const accepts = (more: Partial<ClearanceNeed>, at = NOW) =>
    new ClearanceDesk().accepts([token], { ...need, ...more }, { keys: [key], nowMs: at })

  it('is what jose takes for a token of its kind', async () => {
    const { payload } = await jwtVerify(token, bytes, {
      algorithms: ['HS256'],
      issuer: 'esper',
      audience: 'tenant',
      typ: 'esper-clr+jwt',
      requiredClaims: ['exp', 'sub', 'jti'],
      currentDate: new Date(NOW),
    })
    expect(payload).toMatchObject({ tid: 'ten_a', mit: 'mit_a.1', lvl: 'pow', level: 2, exp: NOW / 1000 + seconds })
    expect(payload.sub).not.toContain('abc')
  })

  it('answers what it was earned for, and nothing else', () => {
    expect(accepts({})).toBe(true)
    expect(accepts({ minLevel: 2 })).toBe(true)
    for (const more of [
      { minLevel: 3 },
      { subject: 'entity\nabd' },
      { mitigation: 'mit_a.2' },
      { tenantId: 'ten_b' },
      { countingScope: 'source:x' },
    ]) {
      expect([more, accepts(more)]).toEqual([more, false])
    }
    expect(accepts({}, NOW + seconds * 1000)).toBe(false)
    expect(new ClearanceDesk().accepts([token], need, { keys: [other], nowMs: NOW })).toBe(false)
  })

  it('is good for 300 requests a minute', () => {
    const desk = new ClearanceDesk()
    const uses = (at: number, count: number) =>
      Array.from({ length: count }, () => desk.accepts([token], need, { keys: [key], nowMs: at })).filter(Boolean)
        .length
    expect(uses(NOW, 400)).toBe(300)
    expect(uses(NOW + 60_000, 400)).toBe(300)
  })

  it('is good once where it is meant for one time', () => {
    const desk = new ClearanceDesk()
    const once = () => desk.accepts([token], { ...need, oneTime: true }, context)
    expect([once(), once()]).toEqual([true, false])
  })

  it('is not used up by a request that would have been let through without it', () => {
    const desk = new ClearanceDesk()
    const asked = (oneTime: boolean, spends: boolean) =>
      desk.accepts([token], { ...need, oneTime }, { ...context, spends })
    expect([asked(true, false), asked(true, false), asked(true, true), asked(true, false)]).toEqual([
      true,
      true,
      true,
      false,
    ])
    for (let use = 0; use < 300; use++) expect(asked(false, false)).toBe(true)
    for (let use = 0; use < 300; use++) expect(asked(false, true)).toBe(true)
    expect(asked(false, false)).toBe(false)
  })

  it('is found among others', () => {
    expect(new ClearanceDesk().accepts(['garbage', '', token], need, context)).toBe(true)
  })
})

describe('reading a token', () => {
  const claims = { sub: 's', exp }
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const jose = (header: object, payload = claims, secret: Uint8Array = bytes) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256', typ: 'esper-clr+jwt', kid: 'clearance-1', ...header })
      .sign(secret)

  it('agrees with jose on what is good', async () => {
    expect(readToken(await jose({}), expected)).toEqual(claims)
    const minted = mintToken('esper-clr+jwt', key, { ...claims, jti: 'ü' })
    expect(readToken(minted, expected)).toEqual({ ...claims, jti: 'ü' })
  })

  it('refuses everything else', async () => {
    const good = mintToken('esper-clr+jwt', key, claims)
    const [header, payload, signature] = good.split('.')
    const cases: Record<string, string> = {
      'alg none': `${encode({ alg: 'none', typ: 'esper-clr+jwt', kid: 'clearance-1' })}.${payload}.`,
      'no signature': `${header}.${payload}`,
      'an empty signature': `${header}.${payload}.`,
      'another payload': `${header}.${encode({ sub: 'other', exp })}.${signature}`,
      'another signature': `${header}.${payload}.${'A'.repeat(43)}`,
      'a longer token': `${good}.x`,
      'white space': ` ${good}`,
      'base64 with padding': `${good}=`,
      'another alg': await jose({ alg: 'HS512' }),
      'another typ': await jose({ typ: 'esper-wait+jwt' }),
      'no typ': `${encode({ alg: 'HS256', kid: 'clearance-1' })}.${payload}.${signature}`,
      'another kid': await jose({ kid: '../../etc/passwd' }),
      'more in the header': await jose({ crit: [] }).catch(() => mintToken('esper-clr+jwt', other, claims)),
      'another key': await jose({}, claims, randomBytes(32)),
      expired: mintToken('esper-clr+jwt', key, { exp: NOW / 1000 }),
      'no exp': mintToken('esper-clr+jwt', key, { sub: 's' }),
      'exp as text': mintToken('esper-clr+jwt', key, { exp: String(exp) }),
      'not yet': mintToken('esper-clr+jwt', key, { exp, nbf: NOW / 1000 + 1 }),
      'a list': mintToken('esper-clr+jwt', key, JSON.parse('[1]')),
      'far too long': mintToken('esper-clr+jwt', key, { exp, x: 'x'.repeat(4_000) }),
      nothing: '',
    }
    for (const [name, token] of Object.entries(cases))
      expect([name, readToken(token, expected)]).toEqual([name, undefined])
  })
})
