import type { BundleAction, BundleEntityDefinition, BundlePolicy, Captured } from '../../protocol/bundle.js'
import type { Frame, PathSource } from '../expression/frame.js'
import { isCaptured } from './demand.js'
import { GuardIndex } from './guard-index.js'
import { type Guard, guardsOf } from './guards.js'
import { setBit } from './set-bits.js'

interface IndexedAction {
  readonly action: BundleAction
}

interface IndexedPolicy {
  readonly policy: BundlePolicy
  readonly actions: readonly IndexedAction[]
  readonly entity: { readonly definition: BundleEntityDefinition } | undefined
  readonly reads: readonly (readonly string[])[]
  readonly responseOnly: boolean
}

/** Which policies are decided for events captured in one way. */
export interface PolicyView<Policy> {
  /** One bit a policy, at its position in walk order. */
  readonly decided: Uint32Array
  /** Policies that read something not captured. */
  readonly notCaptured: readonly Policy[]
}

type Views<Policy> = [afterResponse: PolicyView<Policy> | undefined, atRequest: PolicyView<Policy> | undefined]

/** Leads from an event to the actions and policies that it may match; all others are never looked at. */
export class SetIndex<Policy extends IndexedPolicy> {
  readonly #policies: readonly Policy[]
  readonly #actionIndex: GuardIndex
  readonly #policyIndex: GuardIndex
  readonly #whole: Views<Policy> = [undefined, undefined]
  readonly #views = new WeakMap<Captured, Views<Policy>>()

  constructor(actions: readonly IndexedAction[], policies: readonly Policy[], source: PathSource) {
    this.#policies = policies
    this.#actionIndex = new GuardIndex(
      actions.map(({ action }) => guardsOf(action.program.root)),
      source,
    )
    this.#policyIndex = new GuardIndex(policies.map(policyGuards), source)
  }

  /** Bits of the actions that the event in the frame may match. Overwritten by the next call. */
  findActions(frame: Frame): Uint32Array {
    return this.#actionIndex.find(frame)
  }

  /** Bits of the policies that the event in the frame, its matched actions known, may match. Overwritten by the next call. */
  findPolicies(frame: Frame): Uint32Array {
    return this.#policyIndex.find(frame)
  }

  /** Which policies are decided for events captured so; worked out once for each demand. */
  view(captured: Captured | undefined, atRequest: boolean): PolicyView<Policy> {
    const views = this.#viewsOf(captured)
    const index = atRequest ? 1 : 0
    const known = views[index]
    if (known !== undefined) return known
    const view = this.#makeView(captured, atRequest)
    views[index] = view
    return view
  }

  #viewsOf(captured: Captured | undefined): Views<Policy> {
    if (captured === undefined) return this.#whole
    const known = this.#views.get(captured)
    if (known !== undefined) return known
    const views: Views<Policy> = [undefined, undefined]
    this.#views.set(captured, views)
    return views
  }

  #makeView(captured: Captured | undefined, atRequest: boolean): PolicyView<Policy> {
    const decided = new Uint32Array(Math.ceil(this.#policies.length / 32))
    const notCaptured: Policy[] = []
    for (const [position, policy] of this.#policies.entries()) {
      if (atRequest && policy.responseOnly) continue
      if (captured === undefined || policy.reads.every((path) => isCaptured(path, captured))) setBit(decided, position)
      else notCaptured.push(policy)
    }
    return { decided, notCaptured: Object.freeze(notCaptured) }
  }
}

/** A policy matches only if its expression and its entity's are true and all its actions matched. */
function policyGuards({ policy, actions, entity }: IndexedPolicy): readonly Guard[] {
  const matched = actions.map(({ action }): Guard => [{ kind: 'holds', path: ['actions'], value: action.name }])
  return [...guardsOf(policy.program.root), ...matched, ...guardsOf(entity?.definition.match_program?.root)]
}
