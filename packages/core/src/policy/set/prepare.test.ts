import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchEvent } from '../decision/match.js'
import { prepareExpression } from '../expression/expression.js'
import type { ProgramNode } from '../expression/program.js'
import type { Fields } from '../fields/fields.js'
import { ALWAYS, action, entity, equals, policy, policySet, program } from '../testing/build-policy-set.js'
import { demandOf } from './demand.js'

describe('a program from an untrusted place', () => {
  const deep = (levels: number): ProgramNode => (levels === 0 ? ['lit', true] : ['block', deep(levels - 1)])
  const refused: readonly [why: string, program: unknown, code: string][] = [
    ['no program', undefined, 'program_malformed'],
    ['another version', { version: 2, root: ['lit', true] }, 'program_version'],
    ['an unknown instruction', program('constructor'), 'program_operation_unknown'],
    ['an instruction of the prototype', program('__proto__', ['lit', 1], ['lit', 2]), 'program_operation_unknown'],
    ['an unknown function', program('call', 'eval', ['lit', '1']), 'program_operation_unknown'],
    ['too few operands', program('eq', ['lit', 1]), 'program_malformed'],
    ['too many operands', program('if', ['lit', 1], ['lit', 1], ['lit', 1], ['lit', 1]), 'program_malformed'],
    ['a constant that is no scalar', program('lit', { a: 1 }), 'program_malformed'],
    ['a path without names', program('path'), 'program_malformed'],
    ['a path with a number', program('path', 'a', 1), 'program_malformed'],
    ['a pattern that cannot be linear', program('test', ['path', 'a'], '(?=a)', ''), 'pattern_unsupported'],
    ['unknown flags', program('test', ['path', 'a'], 'a', 'y'), 'pattern_unsupported'],
    ['too deep', program(...deep(80)), 'program_too_large'],
    ['too large', program('list', ...Array.from({ length: 5_000 }, () => ['lit', 1])), 'program_too_large'],
  ]
  for (const [why, hostile, code] of refused) {
    it(`is refused: ${why}`, () => {
      expect(prepareExpression(hostile)).toMatchObject({ ok: false, problem: { code } })
    })
  }

  it('never throws, whatever it is and whatever it is run on', { timeout: 60_000 }, () => {
    const name = fc.constantFrom('constructor', '__proto__', 'toString', 'a', 'hasOwnProperty', 'actions')
    const node = fc.letrec<{ readonly node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },
        fc.jsonValue(),
        fc.tuple(fc.constant('lit'), fc.jsonValue()),
        fc.array(name, { maxLength: 3 }).map((names) => ['path', ...names]),
        fc.tuple(
          fc.constantFrom('eq', 'lt', 'in', 'and', 'or', 'add', 'concat', 'neg', 'if', 'list'),
          tie('node'),
          tie('node'),
        ),
        fc.tuple(
          fc.constant('call'),
          fc.constantFrom('contains', 'count', 'string', 'sum', 'split', name),
          tie('node'),
        ),
        fc.tuple(fc.constant('test'), tie('node'), fc.string(), fc.constantFrom('', 'i', 'x')),
      ),
    })).node
    const record = fc.dictionary(name, fc.jsonValue({ maxDepth: 3 }))
    let ran = 0
    fc.assert(
      fc.property(node, record, (root, fields) => {
        const prepared = prepareExpression({ version: 1, root })
        if (!prepared.ok) return
        ran += 1
        const answer = prepared.expression.evaluate(JSON.parse(JSON.stringify(fields)))
        expect(typeof answer.ok).toBe('boolean')
        if (answer.ok) expect(typeof answer.value).not.toBe('function')
      }),
      { numRuns: 1_500 },
    )
    expect(ran).toBeGreaterThan(100)
  })

  it('disables what needs it, is listed, and leaves the rest at work', () => {
    const set = policySet({
      actions: [action('bad', program('no such thing')), action('good', ALWAYS)],
      entity_definitions: [entity('ent_bad', ['client_ip'], program('no such thing'))],
      policies: [
        policy('a', { action_ids: ['act_bad'] }),
        policy('b', { entity_definition_id: 'ent_bad' }),
        policy('c', { program: { version: 9, root: ['lit', true] } }),
        policy('d', { mitigation_id: 'mit_absent' }),
        policy('e', { action_ids: ['act_good'] }),
      ],
    })
    expect(set.policies.map((prepared) => prepared.policy.policy_id)).toEqual(['e'])
    expect(set.problems.map(({ resource, id }) => `${resource} ${id}`)).toEqual([
      'action act_bad',
      'entity_definition ent_bad',
      'policy a',
      'policy b',
      'policy c',
      'policy d',
    ])
    expect(matchEvent(set, {}).matched).toHaveLength(1)
  })
})

describe('a single expression', () => {
  it('holds for what counts as true, and not for what errs or is missing', () => {
    const prepared = prepareExpression(program('call', 'lowercase', ['path', 'a']))
    const holds = (fields: Fields) => prepared.ok && prepared.expression.holds(fields)
    expect([holds({ a: 'X' }), holds({ a: '' }), holds({ a: 5 }), holds({})]).toEqual([true, false, false, false])
  })
})

describe('what runs on the request path', () => {
  it('reads each path once for an event, however many policies ask', () => {
    let reads = 0
    const fields: Fields = Object.defineProperty({ client_ip: '203.0.113.7' }, 'request_path', {
      get: () => {
        reads += 1
        return '/login'
      },
    })
    const policies = Array.from({ length: 20 }, (_, index) =>
      policy(`p${index}`, { program: equals('request_path', '/login') }),
    )
    const set = policySet({ policies })
    expect(matchEvent(set, fields).matched).toHaveLength(20)
    expect(reads).toBe(1)
    expect(matchEvent(set, { request_path: '/' }).matched).toHaveLength(0)
  })

  it('makes no promise', () => {
    const set = policySet({ policies: [policy('p', { program: equals('request_path', '/login') })] })
    const original = globalThis.Promise
    let promises = 0
    globalThis.Promise = new Proxy(original, {
      construct: (target, args, newTarget) => {
        promises += 1
        return Reflect.construct(target, args, newTarget)
      },
    })
    try {
      matchEvent(set, { request_path: '/login' })
    } finally {
      globalThis.Promise = original
    }
    expect(promises).toBe(0)
  })
})

describe('the field demand', () => {
  it('names what programs, key fields, distinct and watched fields read', () => {
    const demand = demandOf(
      {
        actions: [action('a', equals('request_header_x_flow', 'x')), action('b', equals('query_flow', 'x'))],
        entity_definitions: [entity('e', ['client_ip', 'cookie', 'body->account->id'], equals('route.id', 'x'))],
        policies: [
          policy('p', {
            program: equals('response_status', 401),
            window: { seconds: 1, threshold: 1, distinct: 'cookies.sid' },
          }),
        ],
      },
      ['labels.plan', 'headers.x-watched'],
    )
    expect(demand).toEqual({
      headers: ['x-flow', 'x-watched', 'x_flow'],
      query: ['flow'],
      cookies: ['sid'],
      route: ['id'],
      body: ['account.id'],
      labels: ['plan'],
      cookie: true,
      response: true,
    })
  })

  it('asks for a whole map where one is read', () => {
    expect(
      demandOf({ actions: [], entity_definitions: [], policies: [] }, ['query', 'query.page', 'body']).query,
    ).toEqual(['*'])
  })
})
