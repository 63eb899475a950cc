import fc from 'fast-check'
import type { PolicySetContent } from '../../protocol/bundle.js'
import type { ProgramNode } from '../expression/program.js'
import { action, entity, exemption, policy, program } from './build-policy-set.js'

export const path = (...names: readonly string[]): ProgramNode => ['path', ...names]
export const lit = (value: string | number | boolean | null): ProgramNode => ['lit', value]

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
  'lo[gG]in|log.ut',
  '(?:bot|[kK]ey)-\\d',
] as const
const TEXTS = ['login', 'key', 'KEY', 'bot-', 'ö', ''] as const

const aPath = fc.constantFrom(...PATHS)
const aValue = fc.constantFrom(...VALUES)
const aName = fc.constantFrom('one', 'two', 'three')
/** A condition on one field. */
export const aCondition: fc.Arbitrary<ProgramNode> = fc.oneof(
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
  fc.tuple(aPath, fc.constantFrom(...TEXTS)).map(([at, text]) => ['call', 'contains', at, lit(text)] as const),
  fc
    .tuple(aPath, fc.constantFrom(...TEXTS))
    .map(([at, text]) => ['call', 'contains', ['call', 'lowercase', at], lit(text)] as const),
  fc.tuple(aPath, fc.constantFrom(...PATTERNS)).map(([at, source]) => ['match', at, source, 'i'] as const),
  aName.map((name) => ['in', lit(name), path('actions')] as const),
  fc.constantFrom(lit(true), lit(null), ['list', lit(1)] as const),
)
/** Expressions of the conditions, joined in every way. */
export function anExpression(condition: fc.Arbitrary<ProgramNode>): fc.Arbitrary<ProgramNode> {
  return fc.letrec<{ node: ProgramNode }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      condition,
      fc
        .tuple(fc.constantFrom('and', 'or'), fc.array(tie('node'), { minLength: 2, maxLength: 3 }))
        .map(([op, parts]) => [op, ...parts] as const),
      tie('node').map((inner) => ['block', inner] as const),
      tie('node').map((inner) => ['call', 'not', inner] as const),
      fc.tuple(tie('node'), tie('node')).map(([condition, then]) => ['if', condition, then] as const),
    ),
  })).node
}

const node = anExpression(aCondition)

/** Actions, an entity, policies and exemptions. */
export const aContent: fc.Arbitrary<
  Pick<PolicySetContent, 'actions' | 'entity_definitions' | 'policies' | 'exemptions'>
> = fc
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

/** With letters that lower case, or the flag `i`, takes for others: the Kelvin sign for a k, a dotted capital I. */
const REQUEST_PATHS = [
  '/login',
  '/LOGIN',
  '/logout',
  '/log',
  'ab',
  'b',
  'Bot-1',
  '\u212aey-2',
  'log\u0130n',
  'KEY',
] as const

const someValue = fc.oneof(aValue, fc.constant(null), fc.array(aValue, { maxLength: 3 }))
/** Records that such policies tell apart. */
export const someFields = fc.record(
  {
    request_path: fc.oneof(fc.constantFrom(...REQUEST_PATHS), someValue),
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
