import type { Captured } from '../../protocol/bundle.js'
import { type CompiledProgram, compileProgram } from '../expression/compile.js'
import type { ExpressionAnswer } from '../expression/expression.js'
import { DIRECT, Frame, type PathSource, Slots } from '../expression/frame.js'
import { type ListContents, NO_LISTS } from '../expression/in-list.js'
import { PROGRAM_VERSION } from '../expression/program.js'
import { Failure, isRecord, truthy } from '../expression/semantics.js'
import { fieldReader } from '../fields/field-names.js'
import { isRedactedPath, isRedactedValue } from '../fields/redaction.js'
import { isCaptured } from '../set/demand.js'
import { clauseSource, pathSource } from './clause-source.js'

/** A field that a clause reads, with its value in the record. */
export interface ReadField {
  /** As expressions write it. */
  readonly field: string
  readonly path: readonly string[]
  /** `undefined` when it is missing. */
  readonly value: unknown
  /** Whether the value is, or holds, the keyed hash of a credential. */
  readonly redacted: boolean
  /** Whether the event was captured with it: a value that was not is not known to be missing. */
  readonly captured: boolean
}

/** A part of a clause that is neither a constant nor a field, with what it gives. */
export interface ClauseOperand {
  readonly source: string
  readonly answer: ExpressionAnswer
}

/** A condition of an expression and what it gave for a record. */
export interface Clause {
  /** The condition as the language writes it. */
  readonly source: string
  /** How its own clauses are joined; `condition` for one that has none. */
  readonly kind: 'and' | 'or' | 'not' | 'if' | 'condition'
  readonly answer: ExpressionAnswer
  /** Whether the answer counts as true. */
  readonly holds: boolean
  /** Whether evaluation got there: in `and` and `or` it stops at the first clause that decides. */
  readonly reached: boolean
  /** Whether the answer of the whole expression rests on it. */
  readonly decided: boolean
  /** Of an `and`, `or`, `$not` or conditional, in the order of evaluation. */
  readonly clauses: readonly Clause[]
  /** What a `condition` reads from the record, each field once. */
  readonly reads: readonly ReadField[]
  /** What the parts of a `condition` give, innermost first. */
  readonly operands: readonly ClauseOperand[]
}

export interface TraceOptions {
  /** The event's fields, or whatever an expression is tried on. */
  readonly record: unknown
  /** Names of the actions that matched; absent, `actions` is a field as any other. */
  readonly actions?: readonly string[] | undefined
  /** What the event was captured with; absent, everything. */
  readonly captured?: Captured | undefined
  /** Contents of the lists that programs may look up. Default none. */
  readonly lists?: ListContents | undefined
  /** Names of cookies carried in clear. Default none. */
  readonly clearCookies?: readonly string[] | undefined
}

/** Where a clause stands in the whole. */
interface Standing {
  readonly reached: boolean
  readonly decided: boolean
}

interface Evaluated {
  readonly value: unknown
  readonly reads: CompiledProgram['reads']
}

/**
 * Evaluates programs clause by clause on one record, by the same compiled functions that decide: each clause is compiled
 * as a program of its own. Deciding knows nothing of it.
 */
export class Trace {
  readonly #source: PathSource
  readonly #frame: Frame
  readonly #options: TraceOptions

  constructor(options: TraceOptions) {
    this.#options = options
    const slots = new Slots()
    this.#source = options.actions === undefined ? DIRECT : slots
    this.#frame = new Frame(slots)
    this.#frame.tryOn(options.record)
    if (options.actions !== undefined) this.#frame.actions = options.actions
  }

  /** Explains a program's answer. `undefined` for a program that cannot be used. Never throws. */
  explain(program: unknown): Clause | undefined {
    if (!isRecord(program) || !this.#compile(program).ok) return undefined
    return this.#clause(program.root, { reached: true, decided: true })
  }

  #clause(node: unknown, standing: Standing): Clause {
    const inner = withoutBlock(node)
    const parts = partsOf(inner)
    const { value, reads } = this.#evaluate(inner)
    const answer = answerOf(value)
    const base = { source: clauseSource(inner), answer, holds: truthy(value) === true, ...standing }
    if (parts === undefined) {
      const fields = reads.map((path) => this.#read(path))
      return { ...base, kind: 'condition', clauses: [], reads: fields, operands: this.#operands(inner) }
    }
    return { ...base, kind: parts.kind, clauses: this.#clauses(parts, standing), reads: [], operands: [] }
  }

  #clauses({ kind, nodes }: Parts, standing: Standing): readonly Clause[] {
    const answers = nodes.map((node) => truthy(this.#evaluate(node).value))
    const part = partOf(kind, answers)
    return nodes.map((node, index) =>
      this.#clause(node, {
        reached: standing.reached && part.reached(index),
        decided: standing.decided && part.decided(index),
      }),
    )
  }

  #operands(node: unknown): readonly ClauseOperand[] {
    return operandsOf(node).map((operand) => ({
      source: clauseSource(operand),
      answer: answerOf(this.#evaluate(operand).value),
    }))
  }

  #evaluate(root: unknown): Evaluated {
    const compiled = this.#compile({ version: PROGRAM_VERSION, root })
    // A part of a program that can be used can be used as well.
    if (!compiled.ok) return { value: undefined, reads: [] }
    return { value: compiled.program.evaluate(this.#options.record, this.#frame), reads: compiled.program.reads }
  }

  #compile(program: unknown) {
    return compileProgram(program, this.#source, this.#options.lists ?? NO_LISTS)
  }

  #read(path: readonly string[]): ReadField {
    const { record, actions, captured, clearCookies } = this.#options
    const value =
      path.length === 1 && path[0] === 'actions' && actions !== undefined ? actions : fieldReader(path)(record)
    return {
      field: pathSource(path),
      path,
      value,
      redacted: isRedactedPath(path, clearCookies) || holdsRedacted(value),
      captured: captured === undefined || isCaptured(path, captured),
    }
  }
}

interface Parts {
  readonly kind: Exclude<Clause['kind'], 'condition'>
  readonly nodes: readonly unknown[]
}

/** The clauses that a clause is made of. */
function partsOf(node: unknown): Parts | undefined {
  if (!Array.isArray(node)) return undefined
  const [op, ...operands]: readonly unknown[] = node
  if (op === 'and' || op === 'or' || op === 'if') return { kind: op, nodes: operands }
  return op === 'call' && operands[0] === 'not' ? { kind: 'not', nodes: operands.slice(1) } : undefined
}

/** Which parts evaluation reaches, and on which the answer rests, by what the parts give. */
function partOf(kind: Parts['kind'], answers: readonly (boolean | Failure)[]) {
  if (kind === 'not') return { reached: () => true, decided: () => true }
  if (kind === 'if') {
    const [condition] = answers
    const branch = condition === true ? 1 : condition === false ? 2 : 0
    const taken = (index: number) => index === 0 || index === branch
    return { reached: taken, decided: taken }
  }
  const goesOn = kind === 'and'
  const last = answers.findIndex((answer) => answer !== goesOn)
  // None decides alone: all of them do.
  if (last < 0) return { reached: () => true, decided: () => true }
  const upTo = (index: number) => index <= last
  // An error counts as neither: that it was met at all rests on those before it.
  return { reached: upTo, decided: answers[last] instanceof Failure ? upTo : (index: number) => index === last }
}

function withoutBlock(node: unknown): unknown {
  return Array.isArray(node) && node[0] === 'block' && node.length === 2 ? withoutBlock(node[1]) : node
}

/** Instructions whose operands are instructions over the same record, with the number of operands that are none. */
const OPERANDS_AFTER: ReadonlyMap<unknown, number> = new Map([
  ...['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'in', 'add', 'sub', 'mul', 'div', 'mod', 'concat'].map(
    (op) => [op, 0] as const,
  ),
  ...['and', 'or', 'neg', 'block', 'if', 'list'].map((op) => [op, 0] as const),
  ['call', 1],
])

function operandsOf(node: unknown): readonly unknown[] {
  if (!Array.isArray(node)) return []
  const after = OPERANDS_AFTER.get(node[0])
  const operands: readonly unknown[] =
    node[0] === 'test' || node[0] === 'in_list' ? [node[1]] : after === undefined ? [] : node.slice(1 + after)
  return operands.flatMap((operand) => [...operandsOf(operand), ...(isTelling(operand) ? [operand] : [])])
}

/** A constant says all by itself, and a field is listed among those that are read. */
function isTelling(node: unknown): boolean {
  if (!Array.isArray(node) || node[0] === 'lit' || node[0] === 'path') return false
  return node[0] !== 'list' || !node.slice(1).every((item) => Array.isArray(item) && item[0] === 'lit')
}

function answerOf(value: unknown): ExpressionAnswer {
  return value instanceof Failure ? { ok: false, code: value.code } : { ok: true, value }
}

/** Whether a value is the keyed hash of a credential, or has one in it. */
export function holdsRedacted(value: unknown): boolean {
  if (typeof value === 'string') return isRedactedValue(value)
  if (Array.isArray(value)) return value.some(holdsRedacted)
  return isRecord(value) && Object.values(value).some(holdsRedacted)
}
