import type { BundleExemption, FieldDemand } from '../protocol/bundle.js'
import { actionsAskedFor } from './action-reads.js'
import type { CompiledProgram } from './compile.js'
import { isCaptured, isResponseField } from './demand.js'
import type { Fields } from './fields.js'
import type { Evaluate, Frame, Slots } from './frame.js'
import { GuardIndex } from './guard-index.js'
import { guardsOf } from './guards.js'
import { truthy } from './semantics.js'
import { isUnsaid } from './unsaid.js'

/** An exemption ready to be evaluated. */
export interface PreparedExemption {
  readonly exemption: BundleExemption
  readonly evaluate: Evaluate
  /** Every path it reads, directly or through the actions it asks for. */
  readonly reads: CompiledProgram['reads']
}

interface KnownAction {
  readonly action: { readonly name: string }
  readonly reads: CompiledProgram['reads']
}

/** What is left out of `actions` while exemptions are looked at: actions that read what only the response tells. */
function namesOfLate(actions: readonly KnownAction[]): ReadonlySet<string> {
  return new Set(actions.filter(({ reads }) => readsResponse(reads)).map(({ action }) => action.name))
}

function readsActions(reads: CompiledProgram['reads']): boolean {
  return reads.some(([first]) => first === 'actions')
}

/** Whether a program reads what is known only after the response, and therefore too late to exempt anything. */
export function readsResponse(reads: CompiledProgram['reads']): boolean {
  return reads.some(isResponseField)
}

interface FindOptions {
  /** What the event was captured with; absent: all that is read. */
  readonly captured?: FieldDemand
  /** Whether the application may still say more of the event. */
  readonly expectsMore?: boolean
}

/** The exemptions of a policy set. They are looked at before any policy, and only those that may match. */
export class Exemptions {
  /** By `exemption_id`: of several that match an event the first exempts it. */
  readonly all: readonly PreparedExemption[]
  readonly #index: GuardIndex
  readonly #late: ReadonlySet<string>
  readonly #uncaptured = new WeakMap<FieldDemand, readonly PreparedExemption[]>()

  constructor(prepared: readonly PreparedExemption[], actions: readonly KnownAction[], slots: Slots) {
    const inTime = actions.filter(({ reads }) => !readsResponse(reads))
    this.all = prepared
      .map((each) => {
        const asked = actionsAskedFor(each.exemption.program.root, inTime)
        return asked.length === 0 ? each : { ...each, reads: [...each.reads, ...asked.flatMap(({ reads }) => reads)] }
      })
      .sort(({ exemption: one }, { exemption: other }) => (one.exemption_id < other.exemption_id ? -1 : 1))
    this.#late = this.all.some(({ reads }) => readsActions(reads)) ? namesOfLate(actions) : new Set()
    this.#index = new GuardIndex(
      this.all.map(({ exemption }) => guardsOf(exemption.program.root)),
      slots,
    )
  }

  /**
   * The exemption that the event in the frame matches, its matched actions known. One whose `expires_at` is not after the
   * event's `observed_at`, that errs, that reads something not captured, or that reads what the application may still say
   * does not match.
   */
  find(frame: Frame, options: FindOptions): PreparedExemption | undefined {
    if (this.all.length === 0) return undefined
    const { actions } = frame
    if (this.#late.size > 0) frame.actions = actions.filter((name) => !this.#late.has(name))
    const found = this.#first(frame, options)
    frame.actions = actions
    return found
  }

  /** Those that read something not captured. */
  notCaptured(captured: FieldDemand | undefined): readonly PreparedExemption[] {
    if (captured === undefined || this.all.length === 0) return NONE
    const known = this.#uncaptured.get(captured)
    if (known !== undefined) return known
    const found = this.all.filter(({ reads }) => !reads.every((path) => isCaptured(path, captured)))
    this.#uncaptured.set(captured, found)
    return found
  }

  #first(frame: Frame, { captured, expectsMore = false }: FindOptions): PreparedExemption | undefined {
    const uncaptured = this.notCaptured(captured)
    const found = this.#index.find(frame)
    for (let word = 0; word < found.length; word++) {
      for (let bits = found[word] ?? 0; bits !== 0; bits &= bits - 1) {
        const exemption = this.all[(word << 5) + 31 - Math.clz32(bits & -bits)]
        if (exemption === undefined || uncaptured.includes(exemption)) continue
        if (expectsMore && isUnsaid(exemption.reads, frame.fields)) continue
        if (isOver(exemption.exemption, frame.fields) || truthy(exemption.evaluate(frame)) !== true) continue
        return exemption
      }
    }
    return undefined
  }
}

const NONE: readonly never[] = Object.freeze([])

/** Whether an exemption's time is over by the event's; without a time of its own nobody can say that it is not. */
function isOver({ expires_at: expiresAt }: BundleExemption, { observed_at: at }: Fields): boolean {
  return expiresAt !== undefined && !(typeof at === 'number' && at < expiresAt)
}
