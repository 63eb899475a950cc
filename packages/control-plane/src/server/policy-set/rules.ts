import type { PolicySet } from '@esper/core'
import { DomainError, type FieldError } from '../../http/problem.js'
import type { MitigationRecord } from '../mitigations/schema.js'
import type { PolicyRecord } from '../policies/schema.js'
import type { TenantResources } from './resources.js'

/** Kind of resource whose change is being checked: the error points at the field that person was editing. */
export type Subject = 'action' | 'entity_definition' | 'mitigation' | 'policy' | 'exemption' | 'list' | 'tenant'

/**
 * What holds between resources, whichever of them is saved. Every enabled policy is looked at again: a rule that only the
 * policy's own form checked would be broken from the mitigation's.
 */
export function checkRules(input: RulesInput): void {
  refuseUnusable(input.set)
  for (const { error } of brokenRules(input)) throw error
}

/** Every enabled policy that breaks a rule, with the first one it breaks. */
export function* brokenRules({ set, resources, subject }: RulesInput): Generator<BrokenRule> {
  const mitigations = new Map(resources.mitigations.map((mitigation) => [mitigation.mitigation_id, mitigation]))
  for (const policy of resources.policies) {
    const mitigation = policy.mitigation_id === null ? undefined : mitigations.get(policy.mitigation_id)
    if (!policy.enabled || mitigation === undefined) continue
    const isResponseOnly = set.policyById(policy.policy_id)?.responseOnly === true
    const pair = { policy, mitigation, subject }
    const error = scopeProblem(pair) ?? (isResponseOnly ? responseOnlyProblem(pair) : undefined)
    if (error !== undefined) yield { policy, error }
  }
}

export interface BrokenRule {
  readonly policy: PolicyRecord
  readonly error: DomainError
}

export interface RulesInput {
  readonly set: PolicySet
  readonly resources: TenantResources
  readonly subject: Subject
}

/** An SDK would leave such a policy out without a word to its author. */
function refuseUnusable({ problems }: PolicySet): void {
  if (problems.length === 0) return
  const errors = problems.map(({ resource, id, code, message }) => ({
    path: '',
    code,
    message: `${resource} ${id}: ${message}`,
  }))
  throw new DomainError('expression_invalid', errors[0]?.message ?? 'A program cannot be used.', { errors })
}

interface Pair {
  readonly policy: PolicyRecord
  readonly mitigation: MitigationRecord
  readonly subject: Subject
}

/** Without an entity there would be nobody whose every request the mitigation could concern. */
export function checkScope(pair: Pair): void {
  const problem = scopeProblem(pair)
  if (problem !== undefined) throw problem
}

function scopeProblem({ policy, mitigation, subject }: Pair): DomainError | undefined {
  if (mitigation.scope !== 'entity' || policy.entity_definition_id !== null) return undefined
  const message =
    subject === 'policy'
      ? `is needed: the mitigation "${mitigation.name}" has scope "entity"`
      : `cannot be "entity" while the policy "${policy.name}" has no entity definition`
  const path = subject === 'policy' ? 'entity_definition_id' : 'scope'
  return failure('scope_needs_entity', `Policy "${policy.name}": scope "entity" needs an entity definition.`, {
    path,
    code: 'scope_needs_entity',
    message,
  })
}

/** The request it reads the answer of is over: only the entity's next requests can be met. */
function responseOnlyProblem({ policy, mitigation, subject }: Pair): DomainError | undefined {
  if (mitigation.mode === 'Monitor') return undefined
  const whole = policy.entity_definition_id !== null && mitigation.scope === 'entity'
  if (whole) return undefined
  const path = { policy: 'mitigation_id', mitigation: 'scope', action: 'expression' } as const
  const message =
    `reads the response, so the policy "${policy.name}" can enforce something only with an entity definition and a ` +
    `mitigation of scope "entity"; "${mitigation.name}" has mode ${mitigation.mode} and scope "${mitigation.scope}"`
  return failure('response_only_policy', `Policy "${policy.name}" ${message}.`, {
    path: subject === 'policy' || subject === 'mitigation' || subject === 'action' ? path[subject] : '',
    code: 'response_only_policy',
    message,
  })
}

function failure(code: 'scope_needs_entity' | 'response_only_policy', detail: string, error: FieldError): DomainError {
  return new DomainError(code, detail, { errors: [error] })
}
