import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FieldDemand, PolicySetContent } from '../protocol/bundle.js'
import { guardsOf } from './guards.js'
import { type MatchOptions, matchEvent } from './match.js'
import type { ProgramNode } from './program.js'
import { action, content, entity, equals, exemption, policy, policySet, program } from './testing/build-policy-set.js'
import { naiveMatch } from './testing/naive-match.js'

const SEED = 20_261_123
const path = (...names: readonly string[]): ProgramNode => ['path', ...names]
const lit = (value: string | number | boolean | null): ProgramNode => ['lit', value]

const PATHS = [
  path('request_path'),
  path('request_method'),
  path('query', 'a'),
  path('ip'),
  path('header_names'),
  path('user_id'),
  path('labels', 'plan'),
] as const
const VALUES = ['/login', '/log', '/', 'POST', 'GET', 'a', 'b', '5', '', 5, 0, -0, true, false] as const
const PATTERNS = [
  '^\\/login',
  '^\\/log(?:in|out)$',
  '^(?:a|b|\\/)',
  '^a|^b',
  'login',
  '^[a-z]',
  '^\\/(?:x|login)+',
  '^',
  '^(?:|a)b',
  '^\\bGET',
] as const

const aPath = fc.constantFrom(...PATHS)
const aValue = fc.constantFrom(...VALUES)
const aName = fc.constantFrom('one', 'two', 'three')
const leaf: fc.Arbitrary<ProgramNode> = fc.oneof(
  fc
    .tuple(fc.constantFrom('eq', 'ne', 'lt', 'in'), aPath, aValue)
    .map(([op, at, value]) => [op, at, lit(value)] as const),
  fc.tuple(aPath, aValue).map(([at, value]) => ['eq', lit(value), at] as const),
  fc.tuple(aPath, aValue).map(([at, value]) => ['in', lit(value), at] as const),
  fc
    .tuple(aPath, fc.array(aValue, { maxLength: 3 }))
    .map(([at, values]) => ['in', at, ['list', ...values.map(lit)]] as const),
  fc
    .tuple(aPath, fc.constantFrom(...PATTERNS), fc.constantFrom('', 'i'))
    .map(([at, source, flags]) => ['test', at, source, flags] as const),
  aName.map((name) => ['in', lit(name), path('actions')] as const),
  fc.constantFrom(lit(true), lit(null), ['list', lit(1)] as const),
)
const node: fc.Arbitrary<ProgramNode> = fc.letrec<{ node: ProgramNode }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('node'), { minLength: 2, maxLength: 3 }))
      .map(([op, parts]) => [op, ...parts] as const),
    tie('node').map((inner) => ['block', inner] as const),
    tie('node').map((inner) => ['call', 'not', inner] as const),
    fc.tuple(tie('node'), tie('node')).map(([condition, then]) => ['if', condition, then] as const),
  ),
})).node

const aContent: fc.Arbitrary<Pick<PolicySetContent, 'actions' | 'entity_definitions' | 'policies' | 'exemptions'>> = fc
  .record({
    actions: fc.array(fc.tuple(aName, node), { maxLength: 4 }),
    match: node,
    policies: fc.array(
      fc.record({
        root: node,
        acts: fc.boolean(),
        entity: fc.boolean(),
        window: fc.boolean(),
        priority: fc.nat({ max: 3 }),
      }),
      { maxLength: 40 },
    ),
    exemptions: fc.array(fc.tuple(node, fc.option(fc.constantFrom(1_000, 2_000), { nil: undefined })), {
      maxLength: 40,
    }),
  })
  .map(({ actions, match, policies, exemptions }) => {
    const defined = actions.map(([name, root], index) => ({
      ...action(name, program(...root)),
      action_id: `act_${index}`,
    }))
    return {
      actions: defined,
      entity_definitions: [entity('ent', ['ip', 'query.a'], program(...match))],
      policies: policies.map(({ root, acts, entity: hasEntity, window, priority }, index) =>
        policy(`p${index}`, {
          priority,
          program: program(...root),
          action_ids: acts ? defined.slice(0, 1).map((each) => each.action_id) : [],
          ...(hasEntity ? { entity_definition_id: 'ent' } : {}),
          ...(window
            ? { window: { seconds: 60, threshold: 2, ...(index % 2 === 0 ? { distinct: 'request_path' } : {}) } }
            : {}),
        }),
      ),
      exemptions: exemptions.map(([root, end], index) => exemption(`exm_${index % 7}_${index}`, program(...root), end)),
    }
  })

const someValue = fc.oneof(aValue, fc.constant(null), fc.array(aValue, { maxLength: 3 }))
const someFields = fc.record(
  {
    request_path: fc.oneof(fc.constantFrom('/login', '/logout', '/log', 'ab', 'b'), someValue),
    request_method: fc.constantFrom('GET', 'POST'),
    query: fc.oneof(fc.record({ a: someValue }), fc.array(fc.record({ a: someValue }), { maxLength: 2 })),
    client_ip: aValue,
    user_id: fc.constantFrom('a', 'b'),
    labels: fc.record({ plan: fc.constantFrom('a', 5) }, { requiredKeys: [] }),
    observed_at: fc.constantFrom<number | string>(0, 999, 1_000, 1_500, '0'),
    header_names: fc.array(fc.constantFrom('a', 'b', 'accept')),
  },
  { requiredKeys: [] },
)

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

  it('by equality, membership and prefix', () => {
    let looked = 0
    const counting: ProgramNode = ['eq', ['path', 'labels', 'x'], lit(1)]
    const all = (first: ProgramNode) => program('and', first, counting)
    const roots = Array.from({ length: 100 }, (_, index): ProgramNode[] => [
      ['eq', path('request_path'), lit(`/page/${index}`)],
      ['in', path('request_path'), ['list', lit(`/a/${index}`), lit(`/b/${index}`)]],
      ['test', path('request_path'), `^\\/c\\/${index}\\/`, ''],
      ['in', lit(`x-${index}`), path('header_names')],
      ['or', ['eq', path('ip'), lit(`10.0.0.${index}`)], ['eq', path('request_path'), lit(`/d/${index}`)]],
    ]).flat()
    const set = policySet({ policies: roots.map((root, index) => policy(`p${index}`, { program: all(root) })) })
    const policies = set.policies.map((prepared) => ({
      ...prepared,
      evaluate: (frame: Parameters<typeof prepared.evaluate>[0]) => {
        looked += 1
        return prepared.evaluate(frame)
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
      const [guard] = guardsOf(['test', path('request_path'), source, ''])
      expect(guard?.map(({ value }) => value)).toEqual(texts)
    })
  }
})
