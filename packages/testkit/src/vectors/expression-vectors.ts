import { demandOf, type Fields, NO_DEMAND, type PolicySetContent, type ProgramNode } from '@esper/core'
import { readVectors } from './read-vectors.js'

/** What an expression gives for a record: a value, an error, or neither when the answer is missing. */
export interface ExpressionVectorAnswer {
  readonly record: Fields
  readonly value?: unknown
  readonly error?: string
  /** Whether a policy with the expression matches. */
  readonly holds: boolean
}

export interface ExpressionVector {
  readonly expression: string
  /** Root of its program. */
  readonly program: ProgramNode
  readonly answers: readonly ExpressionVectorAnswer[]
}

/** Expressions with their programs and what they give. */
export function expressionVectors(): readonly ExpressionVector[] {
  return readVectors<{ cases: readonly ExpressionVector[] }>('policy/expressions').cases
}

/** Those that can stand in a policy by themselves: in an event, `actions` are what matched and no field. */
export function policyVectors(): readonly ExpressionVector[] {
  return expressionVectors().filter(({ answers }) => answers.every(({ record }) => record.actions === undefined))
}

/** A set of one policy for each of these expressions: their ids are `pol_` and their place. */
export function policySetOf(vectors: readonly ExpressionVector[]): PolicySetContent {
  const policies = vectors.map(({ expression, program }, priority) => ({
    ...{ policy_id: policyIdAt(priority), name: expression, revision: 1, priority, action_ids: [] },
    program: { version: 1 as const, root: program },
  }))
  const base = { actions: [], entity_definitions: [], policies }
  return {
    ...{ format: 1, tenant_id: 'ten_a', revision: 1, enforcement: 'on', clear_cookies: [], mitigations: [] },
    ...base,
    demand: { ...NO_DEMAND, ...demandOf(base) },
  }
}

export function policyIdAt(place: number): string {
  return `pol_${String(place).padStart(3, '0')}`
}
