import fc from 'fast-check'
import type { BundlePolicy, PolicySetContent } from '../../protocol/bundle.js'
import type { ProgramNode } from '../expression/program.js'
import type { Fields } from '../fields/fields.js'
import { aCondition, anExpression, lit, path, someFields } from './arbitrary-set.js'
import { action, content, entity, exemption, mitigationId, policy, program } from './build-policy-set.js'

const equal = (at: ProgramNode, value: string | number): ProgramNode => ['eq', at, lit(value)]
/** Mostly true, so that there is something to count and to walk. */
const aNode: fc.Arbitrary<ProgramNode> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(lit(true)) },
  { weight: 3, arbitrary: fc.constantFrom('/login', '/log').map((at) => equal(path('request_path'), at)) },
  { weight: 4, arbitrary: anExpression(aCondition) },
  { weight: 1, arbitrary: fc.constantFrom(200, 401).map((status) => equal(path('response_status'), status)) },
)

const someActions = fc
  .uniqueArray(fc.tuple(fc.constantFrom('one', 'two', 'three'), aNode), { selector: ([name]) => name, maxLength: 3 })
  .map((actions) => actions.map(([name, root]) => action(name, program(...root))))

const someEntities = fc
  .tuple(
    fc.constantFrom<readonly string[]>(['ip'], ['client_ip', 'query.a'], ['user_id'], ['labels.plan', 'ip']),
    fc.option(aNode, { nil: undefined }),
  )
  .map(([fields, match]) => entity('own', fields, match && program(...match)))
  .map((own) => [entity('ip', ['ip']), own])

const aWindow = fc.record({
  seconds: fc.constantFrom(5, 60, 61, 120),
  threshold: fc.integer({ min: 1, max: 4 }),
  distinct: fc.option(fc.constantFrom('user_id', 'query.a', 'request_path'), { nil: undefined }),
})

interface PolicyShape {
  readonly root: ProgramNode
  readonly priority: number
  readonly actionIds: readonly string[]
  readonly entityId: string | undefined
  readonly mitigation: string | undefined
  readonly window: { seconds: number; threshold: number; distinct: string | undefined } | undefined
}

function aPolicy(actionIds: readonly string[]): fc.Arbitrary<PolicyShape> {
  const modes = ['Monitor', 'Challenge', 'Block'] as const
  const mitigations = modes.flatMap((mode) => [mitigationId(mode), mitigationId(mode, 'entity')])
  return fc.record({
    root: aNode,
    priority: fc.nat({ max: 2 }),
    actionIds: fc.oneof(fc.constant([]), fc.subarray([...actionIds])),
    entityId: fc.constantFrom('ip', 'ip', 'own', undefined),
    mitigation: fc.constantFrom(...mitigations, undefined),
    window: fc.option(aWindow, { nil: undefined }),
  })
}

function toPolicy(shape: PolicyShape, index: number): BundlePolicy {
  const { root, priority, actionIds, entityId, mitigation, window } = shape
  const { distinct, ...rest } = window ?? { distinct: undefined }
  return policy(`p${index}`, {
    ...{ priority, program: program(...root), action_ids: actionIds },
    ...(entityId === undefined ? {} : { entity_definition_id: entityId }),
    // A mitigation of scope entity needs one: nobody can save a policy without.
    ...(mitigation === undefined || (entityId === undefined && mitigation.endsWith('entity'))
      ? {}
      : { mitigation_id: mitigation }),
    ...('seconds' in rest ? { window: distinct === undefined ? rest : { ...rest, distinct } } : {}),
  })
}

/** A whole policy set: every mode, scope and kind of window, several policies that count the same. */
export const aPolicySet: fc.Arbitrary<PolicySetContent> = fc
  .record({ actions: someActions, entities: someEntities, enforcement: fc.constantFrom('on', 'on', 'on', 'monitor') })
  .chain(({ actions, entities, enforcement }) =>
    fc
      .record({
        policies: fc.array(aPolicy(actions.map((each) => each.action_id)), { minLength: 1, maxLength: 8 }),
        // Some of them again with another threshold and mitigation.
        again: fc.array(fc.tuple(fc.nat({ max: 7 }), fc.integer({ min: 1, max: 4 })), { maxLength: 2 }),
        exempting: fc.option(fc.tuple(anExpression(aCondition), fc.constantFrom(undefined, 1_500)), { freq: 3 }),
      })
      .map(({ policies, again, exempting }) => {
        const copies = again.flatMap(([at, threshold]): PolicyShape[] => {
          const shape = policies[at]
          return shape?.window === undefined ? [] : [{ ...shape, window: { ...shape.window, threshold } }]
        })
        return content({
          ...{ actions, entity_definitions: entities, enforcement },
          policies: [...policies, ...copies].map(toPolicy),
          exemptions: exempting === null ? [] : [exemption('x', program(...exempting[0]), exempting[1])],
        })
      }),
  )

export interface EventShape {
  readonly fields: Fields
  readonly status: number | undefined
  /** How far the clock goes on before it, and how late it is. */
  readonly forwardMs: number
  readonly lateMs: number
  /** Bits of chance: which policies hold an entity, and which are cleared. */
  readonly held: number
  readonly cleared: number
  readonly captured: 'all' | 'nothing' | 'queries'
  readonly when: 'request' | 'engine' | 'request, then again'
}

export const anEvent: fc.Arbitrary<EventShape> = fc.record({
  fields: someFields,
  status: fc.constantFrom(undefined, 200, 401),
  forwardMs: fc.oneof(fc.constant(0), fc.nat({ max: 3_000 }), fc.nat({ max: 40_000 })),
  lateMs: fc.oneof(fc.constant(0), fc.nat({ max: 4_000 })),
  held: fc.oneof(fc.constant(0), fc.nat()),
  cleared: fc.oneof(fc.constant(0), fc.nat()),
  captured: fc.constantFrom('all', 'all', 'all', 'nothing', 'queries'),
  when: fc.constantFrom('request', 'engine', 'request, then again'),
})
