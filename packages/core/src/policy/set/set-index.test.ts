import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FieldDemand } from '../../protocol/bundle.js'
import { type MatchOptions, matchEvent } from '../decision/match.js'
import type { ProgramNode } from '../expression/program.js'
import { aContent, lit, path, someFields } from '../testing/arbitrary-set.js'
import { action, content, equals, policy, policySet, program } from '../testing/build-policy-set.js'
import { naiveMatch } from '../testing/naive-match.js'
import { guardsOf } from './guards.js'

const SEED = 20_261_123

describe('a policy set looks only at policies that may match', () => {
  it(`and matches as if it looked at all of them, seed ${SEED}`, { timeout: 60_000 }, () => {
    const none: FieldDemand = { ...content({}).demand }
    fc.assert(
      fc.property(
        aContent,
        fc.array(someFields, { minLength: 1, maxLength: 8 }),
        fc.constantFrom<MatchOptions>({}, { captured: none, atRequest: true }, { atRequest: true, expectsMore: true }),
        (parts, events, options) => {
          const set = policySet(parts)
          expect(set.problems).toEqual([])
          for (const fields of events) {
            const { actions, exemption, matched, contributions, notCaptured, deferred } = matchEvent(
              set,
              fields,
              options,
            )
            const found = { actions, exemption, matched, contributions, notCaptured, deferred }
            expect(found).toEqual(naiveMatch(set, fields, options))
          }
        },
      ),
      { seed: SEED, numRuns: 300 },
    )
  })

  it('by equality, membership, prefix and texts within', () => {
    let looked = 0
    const counting: ProgramNode = ['eq', ['path', 'labels', 'x'], lit(1)]
    const all = (first: ProgramNode) => program('and', first, counting)
    const roots = Array.from({ length: 100 }, (_, index): ProgramNode[] => [
      ['eq', path('request_path'), lit(`/page/${index}`)],
      ['in', path('request_path'), ['list', lit(`/a/${index}`), lit(`/b/${index}`)]],
      ['test', path('request_path'), `^\\/c\\/${index}\\/`, ''],
      ['in', lit(`x-${index}`), path('header_names')],
      ['test', path('user_agent'), `(bot|spider)-${index}\\/`, 'i'],
      ['or', ['eq', path('ip'), lit(`10.0.0.${index}`)], ['eq', path('request_path'), lit(`/d/${index}`)]],
    ]).flat()
    const set = policySet({ policies: roots.map((root, index) => policy(`p${index}`, { program: all(root) })) })
    const policies = set.policies.map((prepared) => ({
      ...prepared,
      condition: (...args: Parameters<typeof prepared.condition>) => {
        looked += 1
        return prepared.condition(...args)
      },
    }))
    const watched = { ...set, policies }
    const lookedAt = (fields: Parameters<typeof matchEvent>[1]): number => {
      looked = 0
      matchEvent(watched, fields)
      return looked
    }
    expect(lookedAt({ request_path: '/other', header_names: ['host'], client_ip: '192.0.2.1' })).toBe(0)
    expect(lookedAt({ request_path: '/page/7' })).toBe(1)
    expect(lookedAt({ request_path: '/b/7' })).toBe(1)
    expect(lookedAt({ request_path: '/c/7/x', header_names: ['x-3', 'x-4'] })).toBe(3)
    expect(lookedAt({ user_agent: 'Mozilla/5.0 (compatible)' })).toBe(0)
    // Texts are looked for together, so that those of one group are looked at when one of them is there.
    const together = lookedAt({ user_agent: 'Spider-7/2.0' })
    expect(together).toBeGreaterThan(0)
    expect(together).toBeLessThanOrEqual(32)
    expect(lookedAt({ request_path: '/d/7', client_ip: '10.0.0.7' })).toBe(1)
  })

  it('by their actions, of which only those that may match are evaluated', () => {
    const set = policySet({
      actions: [action('login', equals('request_path', '/login')), action('pay', equals('request_path', '/pay'))],
      policies: [
        policy('p', { action_ids: ['act_login'] }),
        policy('q', { program: program('in', lit('pay'), path('actions')) }),
      ],
    })
    expect(matchEvent(set, { request_path: '/login' })).toMatchObject({
      actions: ['login'],
      matched: [{ policy: set.policies[0] }],
    })
    expect(matchEvent(set, { request_path: '/pay' })).toMatchObject({
      actions: ['pay'],
      matched: [{ policy: set.policies[1] }],
    })
    expect(matchEvent(set, { request_path: '/' })).toMatchObject({ actions: [], matched: [] })
  })
})

describe('the guard of a pattern is what its matches begin with', () => {
  const prefixes: readonly [source: string, texts: readonly string[] | undefined][] = [
    ['^\\/login', ['/login']],
    ['^\\/log(in|out)$', ['/login', '/logout']],
    ['^a|^bc', ['a', 'bc']],
    ['^\\/v[12]\\/', ['/v']],
    ['login', undefined],
    ['^a|b', undefined],
    ['^(?:a|)', undefined],
    ['^', undefined],
  ]
  for (const [source, texts] of prefixes) {
    it(`/${source}/: ${texts?.join(' or ') ?? 'nothing certain'}`, () => {
      const begins = guardsOf(['test', path('request_path'), source, '']).filter(([key]) => key?.kind === 'begins')
      expect(begins[0]?.map(({ value }) => value)).toEqual(texts)
    })
  }
})

describe('the guard of a pattern is a text that its matches hold', () => {
  const texts: readonly [source: string, flags: string, found: readonly string[] | undefined][] = [
    ['login', '', ['login']],
    ['Login', 'i', ['login']],
    ['curl|wget|python-requests', '', ['curl', 'wget', 'python-requests']],
    ['^\\w+ (curl|wget)\\/\\d', '', ['curl', 'wget']],
    ['bot-\\d+\\.html$', '', ['.html']],
    ['[bB]ot', '', ['bot']],
    ['[bc]ot', '', undefined],
    ['(?:login)?', '', undefined],
    ['login|', '', undefined],
    ['ab', '', undefined],
  ]
  for (const [source, flags, found] of texts) {
    it(`/${source}/${flags}: ${found?.join(' or ') ?? 'nothing worth looking for'}`, () => {
      const contains = guardsOf(['test', path('user_agent'), source, flags]).flat()
      const keys = contains.filter(({ kind }) => kind.startsWith('contains'))
      expect(keys.length === 0 ? undefined : keys.map(({ value }) => value)).toEqual(found)
    })
  }

  it('in any case, or as it is lowered, only where that is what is asked', () => {
    const lowered = (text: string): ProgramNode => [
      'call',
      'contains',
      ['call', 'lowercase', path('user_agent')],
      lit(text),
    ]
    const kinds = (node: ProgramNode) =>
      guardsOf(node)
        .flat()
        .map(({ kind }) => kind)
    expect(kinds(['test', path('user_agent'), 'curl', 'i'])).toEqual(['contains-any-case'])
    expect(kinds(['test', path('user_agent'), 'curl', ''])).toEqual(['contains'])
    expect(kinds(lowered('curl'))).toEqual(['contains-any-case'])
    expect(kinds(lowered('ö'))).toEqual([])
    const set = policySet({
      policies: [
        policy('kelvin', {
          program: program('call', 'contains', ['call', 'lowercase', path('user_agent')], lit('kurl')),
        }),
      ],
    })
    expect(matchEvent(set, { user_agent: '\u212aurl' }).matched).toHaveLength(1)
    expect(matchEvent(set, { user_agent: 'KURL' }).matched).toHaveLength(1)
    expect(matchEvent(set, { user_agent: 'curl' }).matched).toHaveLength(0)
  })
})
