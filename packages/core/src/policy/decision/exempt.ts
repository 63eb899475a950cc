import type { BundleExemption, Captured } from '../../protocol/bundle.js'
import type { CompiledProgram } from '../expression/compile.js'
import type { Condition, Frame, PathSource } from '../expression/frame.js'
import { Failure } from '../expression/semantics.js'
import type { Fields } from '../fields/fields.js'
import { isCaptured, isResponseField } from '../set/demand.js'
import { GuardIndex } from '../set/guard-index.js'
import { guardsOf } from '../set/guards.js'
import { isUnsaid } from './unsaid.js'

/**
 * One of the alternatives that an expression joins by `or`. Each is decided by itself, so that one which cannot be decided
 * yet, or was not captured, keeps none of the others from exempting.
 */
export interface ExemptionAlternative {
  readonly condition: Condition
  /** Every path it reads, directly or through the actions it asks for. */
  readonly reads: CompiledProgram['reads']
}

/** An exemption ready to be evaluated. */
export interface PreparedExemption {
  readonly exemption: BundleExemption
  /** In the order of the expression: one that errs ends the look at those behind it, as in JSONata. */
  readonly alternatives: readonly ExemptionAlternative[]
}

/** The alternatives of an exemption's program, whose own root need not be checked yet. */
export function alternativesOf(root: unknown): readonly unknown[] {
  if (!Array.isArray(root)) return [root]
  const [op, ...operands]: readonly unknown[] = root
  if (op === 'block' && operands.length === 1) return alternativesOf(operands[0])
  return op === 'or' && operands.length > 1 ? operands.flatMap(alternativesOf) : [root]
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
  readonly captured?: Captured
  /** Whether the application may still say more of the event. */
  readonly expectsMore?: boolean
}

/** The exemptions of a policy set. They are looked at before any policy, and only those that may match. */
export class Exemptions {
  /** By `exemption_id`: of several that match an event the first exempts it. */
  readonly all: readonly PreparedExemption[]
  readonly #index: GuardIndex
  readonly #late: ReadonlySet<string>
  readonly #uncaptured = new WeakMap<Captured, ReadonlySet<ExemptionAlternative>>()

  constructor(prepared: readonly PreparedExemption[], actions: readonly KnownAction[], source: PathSource) {
    this.all = [...prepared].sort(({ exemption: one }, { exemption: other }) =>
      one.exemption_id < other.exemption_id ? -1 : 1,
    )
    const asksActions = this.all.some(({ alternatives }) => alternatives.some(({ reads }) => readsActions(reads)))
    this.#late = asksActions ? namesOfLate(actions) : new Set()
    this.#index = new GuardIndex(
      this.all.map(({ exemption }) => guardsOf(exemption.program.root)),
      source,
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
    frame.actions = this.inTime(actions)
    const found = this.#first(frame, options)
    frame.actions = actions
    return found
  }

  /** The actions that exemptions see: not those that read what only the response tells. */
  inTime(actions: readonly string[]): readonly string[] {
    return this.#late.size === 0 ? actions : actions.filter((name) => !this.#late.has(name))
  }

  /** Those of which an alternative reads something not captured. */
  notCaptured(captured: Captured | undefined): readonly PreparedExemption[] {
    const uncaptured = this.#uncapturedBy(captured)
    if (uncaptured.size === 0) return NONE
    return this.all.filter(({ alternatives }) => alternatives.some((each) => uncaptured.has(each)))
  }

  #uncapturedBy(captured: Captured | undefined): ReadonlySet<ExemptionAlternative> {
    if (captured === undefined || this.all.length === 0) return NO_ALTERNATIVES
    const known = this.#uncaptured.get(captured)
    if (known !== undefined) return known
    const alternatives = this.all.flatMap((each) => each.alternatives)
    const found = new Set(alternatives.filter(({ reads }) => !reads.every((path) => isCaptured(path, captured))))
    this.#uncaptured.set(captured, found)
    return found
  }

  #first(frame: Frame, { captured, expectsMore = false }: FindOptions): PreparedExemption | undefined {
    const uncaptured = this.#uncapturedBy(captured)
    const isDecided = (alternative: ExemptionAlternative) =>
      !uncaptured.has(alternative) && !(expectsMore && isUnsaid(alternative.reads, frame.fields))
    const found = this.#index.find(frame)
    for (let word = 0; word < found.length; word++) {
      for (let bits = found[word] ?? 0; bits !== 0; bits &= bits - 1) {
        const exemption = this.all[(word << 5) + 31 - Math.clz32(bits & -bits)]
        if (exemption === undefined || isOver(exemption.exemption, frame.fields)) continue
        if (matches(exemption, frame, isDecided)) return exemption
      }
    }
    return undefined
  }
}

function matches(
  { alternatives }: PreparedExemption,
  frame: Frame,
  isDecided: (alternative: ExemptionAlternative) => boolean,
): boolean {
  for (const alternative of alternatives) {
    if (!isDecided(alternative)) continue
    const answer = alternative.condition(frame.record, frame)
    if (answer === true) return true
    if (answer instanceof Failure) return false
  }
  return false
}

const NO_ALTERNATIVES: ReadonlySet<ExemptionAlternative> = new Set()
const NONE: readonly never[] = Object.freeze([])

/** Whether an exemption's time is over by the event's; without a time of its own nobody can say that it is not. */
export function isOver({ expires_at: expiresAt }: BundleExemption, { observed_at: at }: Fields): boolean {
  return expiresAt !== undefined && !(typeof at === 'number' && at < expiresAt)
}
