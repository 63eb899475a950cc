import { sha256Base64Url } from '../../codec/sha256.js'
import type {
  BundleAction,
  BundleEntityDefinition,
  BundleExemption,
  BundleMitigation,
  BundlePolicy,
  PolicySetContent,
} from '../../protocol/bundle.js'
import { type Enforcement, type Outcome, outcomeOfMode } from '../../protocol/resources.js'
import { isAddressField, type KeyField } from '../decision/entity.js'
import {
  alternativesOf,
  type ExemptionAlternative,
  Exemptions,
  type PreparedExemption,
  readsResponse,
} from '../decision/exempt.js'
import { type CompiledProgram, compileProgram } from '../expression/compile.js'
import { type Condition, type Evaluate, Frame, Slots } from '../expression/frame.js'
import { type ListContents, NO_LISTS } from '../expression/in-list.js'
import type { ProgramProblem } from '../expression/refused.js'
import { fieldPath } from '../fields/field-names.js'
import { actionsAskedFor } from './action-reads.js'
import { isApplicationField } from './demand.js'
import { SetIndex } from './set-index.js'

/** An action ready to be evaluated. */
export interface PreparedAction {
  readonly action: BundleAction
  readonly condition: Condition
  readonly reads: CompiledProgram['reads']
}

/** An entity definition ready to be read. */
export interface PreparedEntity {
  readonly definition: BundleEntityDefinition
  readonly keyFields: readonly KeyField[]
  readonly applies: Condition | undefined
  readonly reads: CompiledProgram['reads']
}

/** A policy with everything it refers to, ready to be matched. */
export interface PreparedPolicy {
  readonly policy: BundlePolicy
  readonly mitigation: BundleMitigation | undefined
  /** What it does when it holds. */
  readonly outcome: Outcome
  readonly condition: Condition
  readonly actions: readonly PreparedAction[]
  readonly entity: PreparedEntity | undefined
  /** Identity of its window: a hash of what it counts. */
  readonly windowId: string | undefined
  /** Reads the field whose different values its window counts. */
  readonly distinct: Evaluate | undefined
  /** Every path it reads, directly, through actions, or for its entity. */
  readonly reads: CompiledProgram['reads']
  /** Those of them that only the application knows. */
  readonly applicationReads: CompiledProgram['reads']
  /** Whether it reads what is known only after the response. */
  readonly responseOnly: boolean
  /** Whether active mitigations of it can exist. */
  readonly canBeActive: boolean
  /** Whether one that is live holds for events that the policy does not match. */
  readonly coversEntity: boolean
}

/** A resource of a policy set that cannot be used: it and the policies that need it are left out. */
export interface PolicySetProblem extends ProgramProblem {
  readonly resource: 'action' | 'entity_definition' | 'policy' | 'exemption'
  readonly id: string
}

/** A policy set ready to decide. Made by `preparePolicySet`; one event at a time goes through it. */
export interface PolicySet {
  readonly tenantId: string
  readonly revision: number
  readonly enforcement: Enforcement
  readonly clearCookies: readonly string[]
  readonly actions: readonly PreparedAction[]
  /** In walk order. */
  readonly policies: readonly PreparedPolicy[]
  /** Those of them, decided without the response, that read something only the application knows. */
  readonly applicationPolicies: readonly PreparedPolicy[]
  readonly exemptions: Exemptions
  /** Contents of the lists that its programs look up. */
  readonly lists: ListContents
  readonly problems: readonly PolicySetProblem[]
  readonly frame: Frame
  readonly index: SetIndex<PreparedPolicy>
  /** Whether some policy's active mitigation may hold for events it does not match. */
  readonly coversEntities: boolean
  policyById(policyId: string): PreparedPolicy | undefined
}

/**
 * Prepares a policy set from its content, which may come from anywhere: programs are checked, policies put in walk
 * order. Never throws: a bad program, or a reference to something absent, leaves out the policies that need it and is
 * listed in `problems`.
 */
export function preparePolicySet(content: PolicySetContent, lists: ListContents = NO_LISTS): PolicySet {
  const preparation = new Preparation(content, lists)
  const policies = content.policies.flatMap((policy) => preparation.policy(policy) ?? []).sort(inWalkOrder)
  const byId = new Map(policies.map((policy) => [policy.policy.policy_id, policy]))
  const actions = [...preparation.actions.values()]
  const exempting = (content.exemptions ?? []).flatMap((exemption) => preparation.exemption(exemption) ?? [])
  const index = new SetIndex(actions, policies, preparation.slots)
  return {
    tenantId: content.tenant_id,
    revision: content.revision,
    enforcement: content.enforcement,
    clearCookies: content.clear_cookies,
    actions,
    policies,
    applicationPolicies: policies.filter(
      ({ applicationReads, responseOnly }) => applicationReads.length > 0 && !responseOnly,
    ),
    exemptions: new Exemptions(exempting, actions, preparation.slots),
    lists,
    problems: preparation.problems,
    frame: new Frame(preparation.slots),
    index,
    coversEntities: policies.some(({ coversEntity }) => coversEntity),
    policyById: (policyId) => byId.get(policyId),
  }
}

function inWalkOrder({ policy: one }: PreparedPolicy, { policy: other }: PreparedPolicy): number {
  if (one.priority !== other.priority) return one.priority - other.priority
  return one.policy_id < other.policy_id ? -1 : one.policy_id > other.policy_id ? 1 : 0
}

class Preparation {
  readonly slots = new Slots()
  readonly problems: PolicySetProblem[] = []
  readonly actions = new Map<string, PreparedAction>()
  readonly #entities = new Map<string, PreparedEntity>()
  readonly #mitigations: ReadonlyMap<string, BundleMitigation>
  readonly #lists: ListContents

  constructor(content: PolicySetContent, lists: ListContents) {
    this.#lists = lists
    this.#mitigations = new Map(content.mitigations.map((mitigation) => [mitigation.mitigation_id, mitigation]))
    for (const action of content.actions) {
      const program = this.#compile('action', action.action_id, action.program)
      if (program !== undefined)
        this.actions.set(action.action_id, { action, condition: program.condition, reads: program.reads })
    }
    for (const definition of content.entity_definitions) this.#addEntity(definition)
  }

  policy(policy: BundlePolicy): PreparedPolicy | undefined {
    const program = this.#compile('policy', policy.policy_id, policy.program)
    if (program === undefined) return undefined
    const { entity_definition_id: entityId, mitigation_id: mitigationId } = policy
    const actions = policy.action_ids.flatMap((id) => this.actions.get(id) ?? [])
    const entity = entityId === undefined ? undefined : this.#entities.get(entityId)
    const mitigation = mitigationId === undefined ? undefined : this.#mitigations.get(mitigationId)
    const isWhole =
      actions.length === policy.action_ids.length &&
      (entity !== undefined || entityId === undefined) &&
      (mitigation !== undefined || mitigationId === undefined)
    if (!isWhole) {
      const message = 'It needs an action, entity definition or mitigation that is absent or cannot be used.'
      this.problems.push({ resource: 'policy', id: policy.policy_id, code: 'program_malformed', message })
      return undefined
    }
    return this.#prepared(policy, program, { actions, entity, mitigation })
  }

  exemption(exemption: BundleExemption): PreparedExemption | undefined {
    const id = exemption.exemption_id
    const program = this.#compile('exemption', id, exemption.program)
    if (program === undefined) return undefined
    if (!readsResponse(program.reads)) return { exemption, alternatives: this.#alternatives(exemption) }
    const message = 'It reads the response, which is known too late to exempt a request.'
    this.problems.push({ resource: 'exemption', id, code: 'program_malformed', message })
    return undefined
  }

  #alternatives({ program: { version, root } }: BundleExemption): readonly ExemptionAlternative[] {
    const inTime = [...this.actions.values()].filter(({ reads }) => !readsResponse(reads))
    return alternativesOf(root).flatMap((part) => {
      const compiled = compileProgram({ version, root: part }, this.slots, this.#lists)
      if (!compiled.ok) return []
      const { condition, reads } = compiled.program
      return { condition, reads: [...reads, ...actionsAskedFor(part, inTime).flatMap((action) => action.reads)] }
    })
  }

  #prepared(
    policy: BundlePolicy,
    program: CompiledProgram,
    parts: Pick<PreparedPolicy, 'actions' | 'entity' | 'mitigation'>,
  ): PreparedPolicy {
    const { window } = policy
    const distinctPath = window?.distinct === undefined ? undefined : fieldPath(window.distinct)
    const asked = this.#askedFor(policy, parts.entity)
    const reads = [
      ...program.reads,
      ...[...parts.actions, ...asked].flatMap((action) => action.reads),
      ...(parts.entity?.reads ?? []),
      ...(distinctPath === undefined ? [] : [distinctPath]),
    ]
    const responseOnly = readsResponse(reads)
    const { mitigation } = parts
    const enforces = mitigation !== undefined && mitigation.mode !== 'Monitor'
    const wholeEntity = mitigation?.scope === 'entity'
    const canBeActive = enforces && (window !== undefined || wholeEntity || responseOnly)
    return {
      policy,
      ...parts,
      outcome: outcomeOfMode(mitigation?.mode),
      condition: program.condition,
      windowId: window === undefined ? undefined : windowIdentity(policy, { ...parts, asked }),
      distinct: distinctPath === undefined ? undefined : this.slots.reader(distinctPath),
      reads,
      applicationReads: reads.filter(isApplicationField),
      responseOnly,
      canBeActive,
      coversEntity: canBeActive && wholeEntity,
    }
  }

  /** The actions that its expression, or its entity's, asks for by name. */
  #askedFor({ program }: BundlePolicy, entity: PreparedEntity | undefined): readonly PreparedAction[] {
    const known = [...this.actions.values()]
    const asked = [program.root, entity?.definition.match_program?.root].flatMap((root) => actionsAskedFor(root, known))
    return [...new Set(asked)]
  }

  #addEntity(definition: BundleEntityDefinition): void {
    const { entity_definition_id: id, match_program: matchProgram } = definition
    const program = matchProgram === undefined ? undefined : this.#compile('entity_definition', id, matchProgram)
    if (matchProgram !== undefined && program === undefined) return
    const paths = definition.key_fields.map(fieldPath)
    const keyFields = definition.key_fields.map((field) => ({
      field,
      read: this.slots.reader(fieldPath(field)),
      isAddress: isAddressField(field),
    }))
    const reads = [...paths, ...(program?.reads ?? [])]
    this.#entities.set(id, { definition, keyFields, applies: program?.condition, reads })
  }

  #compile(resource: PolicySetProblem['resource'], id: string, program: unknown): CompiledProgram | undefined {
    const compiled = compileProgram(program, this.slots, this.#lists)
    if (compiled.ok) return compiled.program
    this.problems.push({ resource, id, ...compiled.problem })
    return undefined
  }
}

interface WindowParts extends Pick<PreparedPolicy, 'actions' | 'entity'> {
  readonly asked: readonly PreparedAction[]
}

/**
 * What a window counts, as a hash: programs, key fields, seconds and `distinct`. No id, threshold or mitigation is in it,
 * so changing those keeps the count, and policies over the same behaviour share one.
 */
function windowIdentity(policy: BundlePolicy, { actions, asked, entity }: WindowParts): string {
  const what = [
    policy.program.root,
    actions.map(({ action }) => JSON.stringify(action.program.root)).sort(),
    entity?.definition.key_fields ?? null,
    entity?.definition.match_program?.root ?? null,
    policy.window?.seconds ?? null,
    policy.window?.distinct ?? null,
    ...asked
      .map(({ action }) => [action.name, action.program.root])
      .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  ]
  return sha256Base64Url(JSON.stringify(what))
}
