import { lowerExpression } from '@esper/control-plane/testing'
import { demandOf, prepareExpression, preparePolicySet } from '@esper/core'

/** The program of a source. Throws what is wrong with it. */
export function program(source) {
  const lowered = lowerExpression(source)
  if (!lowered.ok) throw new Error(`${source}: ${lowered.errors[0].message}`)
  return lowered.program
}

/** A program prepared by itself. */
export function prepared(source) {
  const answer = prepareExpression(program(source))
  if (!answer.ok) throw new Error(`${source}: ${answer.problem.message}`)
  return answer.expression
}

/** A policy set of these sources: windowless policies that enforce nothing, their priority their position. */
export function policySet(sources) {
  const policies = sources.map((source, index) => {
    const id = `pol_${String(index).padStart(4, '0')}`
    return { policy_id: id, name: id, revision: 1, priority: index, program: program(source), action_ids: [] }
  })
  const base = { actions: [], entity_definitions: [], policies }
  const whole = {
    format: 1,
    tenant_id: 'ten_bench',
    revision: 1,
    enforcement: 'on',
    clear_cookies: [],
    mitigations: [],
  }
  return preparePolicySet({ ...whole, demand: demandOf(base), ...base })
}
