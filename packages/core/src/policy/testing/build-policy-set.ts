import type {
  BundleAction,
  BundleEntityDefinition,
  BundleExemption,
  BundleMitigation,
  BundlePolicy,
  PolicySetContent,
} from '../../protocol/bundle.js'
import type { MitigationMode, MitigationScope } from '../../protocol/resources.js'
import type { Program, ProgramNode } from '../expression/program.js'
import { demandOf } from '../set/demand.js'
import { type PolicySet, preparePolicySet } from '../set/prepare.js'

/** A program around an instruction. */
export function program(...root: ProgramNode): Program {
  return { version: 1, root }
}

/** `field = value`. */
export function equals(field: string, value: string | number): Program {
  return program('eq', ['path', ...field.split('.')], ['lit', value])
}

export const ALWAYS = program('lit', true)

export function action(name: string, what: Program): BundleAction {
  return { action_id: `act_${name}`, name, program: what }
}

export function entity(id: string, keyFields: readonly string[], match?: Program): BundleEntityDefinition {
  const base = { entity_definition_id: id, name: id, priority: 1, key_fields: keyFields }
  return match === undefined ? base : { ...base, match_program: match }
}

export function mitigation(mode: MitigationMode, scope: MitigationScope = 'policy'): BundleMitigation {
  return {
    mitigation_id: mitigationId(mode, scope),
    name: `${mode} ${scope}`,
    mode,
    duration_seconds: 60,
    scope,
    fail_mode: 'open',
  }
}

export function mitigationId(mode: MitigationMode, scope: MitigationScope = 'policy'): string {
  return `mit_${mode}_${scope}`
}

/** A policy that matches everything and observes, but for what is given. */
export function policy(id: string, parts: Partial<BundlePolicy> = {}): BundlePolicy {
  return { policy_id: id, name: id, revision: 1, priority: 10, program: ALWAYS, action_ids: [], ...parts }
}

/** Exempts what the program is true for; for ever, but for what is given. */
export function exemption(id: string, what: Program, expiresAt?: number): BundleExemption {
  const base = { exemption_id: id, name: id, program: what }
  return expiresAt === undefined ? base : { ...base, expires_at: expiresAt }
}

const MITIGATIONS = (['Monitor', 'Challenge', 'Block'] as const).flatMap((mode) => [
  mitigation(mode),
  mitigation(mode, 'entity'),
])

/** Content with every mode and scope of mitigation in it. */
export function content(parts: Partial<PolicySetContent>): PolicySetContent {
  const base = { actions: [], entity_definitions: [], policies: [], ...parts }
  return {
    format: 1,
    tenant_id: 'ten_a',
    revision: 1,
    enforcement: 'on',
    clear_cookies: [],
    mitigations: MITIGATIONS,
    demand: demandOf(base),
    ...base,
  }
}

export function policySet(parts: Partial<PolicySetContent>): PolicySet {
  return preparePolicySet(content(parts))
}
