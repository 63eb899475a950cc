import { LIMITS } from '../../protocol/limits.js'
import { preparePattern } from '../patterns/patterns.js'
import { scalarOf } from '../set/guards.js'
import { counted, LETTERS_TESTED, withBudget } from './budget.js'
import { cidrCall, constantRanges } from './cidr.js'
import { compileCall } from './compile-call.js'
import { compileSelected, compileSteps, namesOf } from './compile-steps.js'
import type { Order } from './conditions.js'
import * as conditions from './conditions.js'
import { blockOf, objectOf, rangeOf } from './construct.js'
import { type Condition, DIRECT, type Evaluate, type PathSource } from './frame.js'
import { FUNCTIONS } from './functions.js'
import { inList, type ListContents, NO_LISTS } from './in-list.js'
import { itemReader } from './item.js'
import { constant, isLiteralList, pairsOf, required } from './operands.js'
import type { Arithmetic } from './operators.js'
import * as operators from './operators.js'
import { PROGRAM_VERSION } from './program.js'
import { type ProgramProblem, Refused } from './refused.js'
import { isRecord } from './semantics.js'
import { concatenate } from './text.js'
import * as texts from './text-conditions.js'

/** A program ready to run on what it was compiled to read from. */
export interface CompiledProgram {
  readonly evaluate: Evaluate
  /** Whether what it gives counts as true; the error where it errs. */
  readonly condition: Condition
  /** The paths it reads from the record, each once. */
  readonly reads: readonly (readonly string[])[]
  /** Ids of the lists it looks values up in, each once. */
  readonly lists: readonly string[]
}

export type Compilation =
  | { readonly ok: true; readonly program: CompiledProgram }
  | { readonly ok: false; readonly problem: ProgramProblem }

/**
 * Checks a program from an untrusted place and prepares it: version, operations, operands and budgets. Never throws.
 *
 * @param source Where its paths are read; programs of one set share one.
 * @param lists Contents of the lists it may look up; one that is not there is the problem `list_unavailable`.
 */
export function compileProgram(
  program: unknown,
  source: PathSource = DIRECT,
  lists: ListContents = NO_LISTS,
): Compilation {
  try {
    if (!isRecord(program)) throw new Refused('program_malformed', 'The program is not an object.')
    if (program.version !== PROGRAM_VERSION) {
      throw new Refused('program_version', `The program's version is not ${PROGRAM_VERSION}.`)
    }
    const compiler = new Compiler(source, lists)
    const { evaluate, condition } = compiler.program(program.root)
    return { ok: true, program: { evaluate, condition, reads: compiler.reads(), lists: [...compiler.listIds] } }
  } catch (error) {
    if (error instanceof Refused) return { ok: false, problem: error.problem }
    return { ok: false, problem: { code: 'program_malformed', message: 'The program could not be prepared.' } }
  }
}

const ORDERS: ReadonlySet<unknown> = new Set<Order>(['lt', 'le', 'gt', 'ge'])
const ARITHMETIC: ReadonlySet<unknown> = new Set<Arithmetic>(['add', 'sub', 'mul', 'div', 'mod'])

const isOrder = (op: unknown): op is Order => ORDERS.has(op)
const isArithmetic = (op: unknown): op is Arithmetic => ARITHMETIC.has(op)

/** The order of the same two values the other way round. */
const TURNED: Readonly<Record<Order, Order>> = { lt: 'gt', le: 'ge', gt: 'lt', ge: 'le' }

const readInput: Evaluate = (input) => input
const readRecord: Evaluate = (_input, frame) => frame.record
/** For jsonata a record that is a list is the one item of a list. */
const readListed: Evaluate = (input) => (Array.isArray(input) ? [input] : input)

/** Instructions that make or go through much: the work of a program with one of them is counted. */
const BUDGETED: ReadonlySet<unknown> = new Set(['concat', 'range', 'steps', 'filter'])
/** Instructions that may give a large value. */
const LARGE: ReadonlySet<unknown> = new Set(['path', 'item', 'whole', 'call', 'list'])

class Compiler {
  readonly listIds = new Set<string>()
  readonly #source: PathSource
  readonly #lists: ListContents
  readonly #reads = new Map<string, readonly string[]>()
  #nodes = 0
  #depth = 0
  /** How many selections and steps of paths are around: within one, the input is an item. */
  #loops = 0
  #isBudgeted = false

  constructor(source: PathSource, lists: ListContents) {
    this.#source = source
    this.#lists = lists
  }

  reads(): readonly (readonly string[])[] {
    return [...this.#reads.values()]
  }

  /** The instruction as a value and, where only its truth is asked for, as a condition. */
  program(node: unknown): Pick<CompiledProgram, 'evaluate' | 'condition'> {
    const compiled = this.#bounded(node, 'root', (instruction) => {
      const logical = this.#logical(instruction, 'root')
      if (logical !== undefined) return { evaluate: logical, condition: logical }
      const evaluate = this.#value(instruction, 'root')
      return { evaluate, condition: conditions.truthOf(evaluate) }
    })
    if (!this.#isBudgeted) return compiled
    return { evaluate: withBudget(compiled.evaluate), condition: withBudget(compiled.condition) }
  }

  evaluate(node: unknown, at: string): Evaluate {
    return this.#bounded(node, at, (instruction) => this.#logical(instruction, at) ?? this.#value(instruction, at))
  }

  #condition(node: unknown, at: string): Condition {
    return this.#bounded(
      node,
      at,
      (instruction) => this.#logical(instruction, at) ?? conditions.truthOf(this.#value(instruction, at)),
    )
  }

  #bounded<Compiled>(node: unknown, at: string, compile: (instruction: readonly unknown[]) => Compiled): Compiled {
    if (!Array.isArray(node)) throw new Refused('program_malformed', `No instruction at ${at}.`)
    this.#nodes += node.length
    this.#depth += 1
    if (this.#nodes > LIMITS.programNodes * 2 || this.#depth > LIMITS.expressionDepth) {
      throw new Refused('program_too_large', 'The program is larger than its budget.')
    }
    this.#isBudgeted ||= BUDGETED.has(node[0])
    const compiled = compile(node)
    this.#depth -= 1
    return compiled
  }

  /** An instruction that says yes or no; `undefined` for any other. */
  #logical([op, ...operands]: readonly unknown[], at: string): Condition | undefined {
    switch (op) {
      case 'and':
        return conditions.allOf(...this.#conditions(operands, at))
      case 'or':
        return conditions.anyOf(...this.#conditions(operands, at))
      case 'eq':
      case 'ne':
        return this.#equal(operands, at, op === 'eq')
      case 'in':
        return this.#member(operands, at)
      case 'test':
        return this.#test(operands, at)
      case 'match':
        return texts.orMissing(this.#test(operands, at))
      case 'in_list':
        return this.#inList(operands, at)
      case 'call':
        return this.#logicalCall(operands, at)
      default:
        return isOrder(op) ? this.#compare(operands, at, op) : undefined
    }
  }

  #value(instruction: readonly unknown[], at: string): Evaluate {
    const evaluate = this.#plainValue(instruction, at)
    return this.#loops > 0 && LARGE.has(instruction[0]) ? counted(evaluate) : evaluate
  }

  #plainValue([op, ...operands]: readonly unknown[], at: string): Evaluate {
    switch (op) {
      case 'lit':
        return constant(operands, at)
      case 'path':
        return this.#path(operands, at)
      case 'neg':
        return operators.negate(this.#one(operands, at))
      case 'item':
        return itemReader(namesOf(operands, at), this.#loops > 0 ? readInput : readListed)
      case 'whole':
        this.#exactly(operands, at, 0)
        return readRecord
      case 'steps':
        return compileSteps(this, operands, at)
      case 'filter':
        return compileSelected(this, operands, at)
      case 'object':
        return objectOf(pairsOf(this.#all(operands, at), at))
      case 'range':
        return rangeOf(...this.#pair(operands, at))
      case 'block':
        return operands.length === 1 ? this.#one(operands, at) : blockOf(this.#all(operands, at))
      case 'if':
        return this.#choice(operands, at)
      case 'list':
        return this.#list(operands, at)
      case 'call':
        return this.#call(operands, at)
      case 'concat':
        return concatenate(...this.#pair(operands, at))
      default:
        if (isArithmetic(op)) return operators.calculate(...this.#pair(operands, at), op)
        throw new Refused('program_operation_unknown', `The instruction at ${at} is not known.`)
    }
  }

  #all(operands: readonly unknown[], at: string): readonly Evaluate[] {
    return operands.map((operand, index) => this.evaluate(operand, `${at}/${index}`))
  }

  #exactly(operands: readonly unknown[], at: string, count: number): readonly Evaluate[] {
    if (operands.length !== count) throw new Refused('program_malformed', `${count} operands are expected at ${at}.`)
    return this.#all(operands, at)
  }

  #one(operands: readonly unknown[], at: string): Evaluate {
    return required(this.#exactly(operands, at, 1)[0], at)
  }

  #pair(operands: readonly unknown[], at: string): readonly [Evaluate, Evaluate] {
    const [left, right] = this.#exactly(operands, at, 2)
    return [required(left, at), required(right, at)]
  }

  #conditions(operands: readonly unknown[], at: string): readonly [Condition, readonly Condition[]] {
    const [first, ...more] = operands.map((operand, index) => this.#condition(operand, `${at}/${index}`))
    if (first === undefined || more.length === 0) {
      throw new Refused('program_malformed', `Too few operands at ${at}.`)
    }
    return [first, more]
  }

  #path(names: readonly unknown[], at: string): Evaluate {
    const path = namesOf(names, at)
    if (path.length === 0) throw new Refused('program_malformed', `No path at ${at}.`)
    this.addRead(path)
    return this.readerOf(path)
  }

  addRead(path: readonly string[]): void {
    this.#reads.set(JSON.stringify(path), path)
  }

  readerOf(path: readonly string[]): Evaluate {
    const reader = this.#source.reader(path)
    return this.#loops > 0 ? (_input, frame) => reader(frame.record, frame) : reader
  }

  within(compile: () => Evaluate): { readonly evaluate: Evaluate; readonly cost: number } {
    const before = this.#nodes
    this.#nodes += 1
    this.#loops += 1
    const evaluate = compile()
    this.#loops -= 1
    return { evaluate, cost: this.#nodes - before }
  }

  #equal(operands: readonly unknown[], at: string, wanted: boolean): Condition {
    const [left, right] = this.#pair(operands, at)
    const [first, second] = operands.map(scalarOf)
    const compare = wanted ? conditions.equalsConstant : conditions.differsFromConstant
    if (second !== undefined) return compare(left, second)
    return first === undefined ? conditions.compareEqual(left, right, wanted) : compare(right, first)
  }

  #member(operands: readonly unknown[], at: string): Condition {
    const [left, right] = this.#pair(operands, at)
    const [constant] = operands.map(scalarOf)
    const list = operands[1]
    if (!Array.isArray(list) || list[0] !== 'list') {
      return constant === undefined ? conditions.memberOf(left, right) : conditions.holdsConstant(right, constant)
    }
    const members = list.slice(1).map(scalarOf)
    const constants = members.filter((member) => member !== undefined)
    return constants.length < members.length
      ? conditions.memberOf(left, right)
      : conditions.memberOfConstants(left, constants)
  }

  #compare(operands: readonly unknown[], at: string, order: Order): Condition {
    const [left, right] = this.#pair(operands, at)
    const [first, second] = operands.map(scalarOf)
    if (typeof second === 'number') return conditions.compareWithNumber(left, second, order)
    if (typeof first === 'number') return conditions.compareWithNumber(right, first, TURNED[order])
    return conditions.compareOrder(left, right, order)
  }

  #choice([condition, then, otherwise, ...more]: readonly unknown[], at: string): Evaluate {
    if (more.length > 0) throw new Refused('program_malformed', `Too many operands at ${at}.`)
    return operators.choose(
      this.#condition(condition, `${at}/0`),
      this.evaluate(then, `${at}/1`),
      otherwise === undefined ? undefined : this.evaluate(otherwise, `${at}/2`),
    )
  }

  #list(operands: readonly unknown[], at: string): Evaluate {
    const items = operands.map((operand, index) => ({
      evaluate: this.evaluate(operand, `${at}/${index}`),
      isLiteralList: isLiteralList(operand),
    }))
    return operators.listOf(items)
  }

  #logicalCall([name, ...operands]: readonly unknown[], at: string): Condition | undefined {
    const [first] = operands
    if (operands.length === 1 && name === 'exists') return conditions.isThere(this.#one(operands, at))
    if (operands.length === 1 && name === 'not') return conditions.noneOf(this.#condition(first, `${at}/0`))
    if (operands.length === 2 && name === 'contains') {
      const [text, sought] = this.#pair(operands, at)
      const constant = scalarOf(operands[1])
      return typeof constant === 'string' ? texts.holdsText(text, constant) : texts.holds(text, sought)
    }
    return undefined
  }

  #call([name, ...operands]: readonly unknown[], at: string): Evaluate {
    const definition = typeof name === 'string' ? FUNCTIONS.get(name) : undefined
    if (definition === undefined) throw new Refused('program_operation_unknown', `The function at ${at} is not known.`)
    const { leastArguments, mostArguments } = definition
    if (operands.length < leastArguments || operands.length > mostArguments) {
      throw new Refused('program_malformed', `The function at ${at} has the wrong number of arguments.`)
    }
    this.#isBudgeted ||= definition.grows
    const args = this.#all(operands, at)
    const ranges = name === 'cidr' ? constantRanges(operands[1]) : undefined
    if (ranges === undefined) return compileCall(definition, args, readInput)
    if ('bad' in ranges) throw new Refused('program_malformed', `No range of addresses at ${at}.`)
    return cidrCall(required(args[0], at), ranges.ranges)
  }

  #test([operand, source, flags]: readonly unknown[], at: string): Condition {
    if (typeof source !== 'string' || typeof flags !== 'string') {
      throw new Refused('program_malformed', `No pattern at ${at}.`)
    }
    const pattern = preparePattern(source, flags)
    if (!pattern.ok) throw new Refused('pattern_unsupported', pattern.reason)
    const text = this.evaluate(operand, `${at}/0`)
    const read = this.#loops > 0 ? counted(text, LETTERS_TESTED) : text
    return pattern.literal === undefined
      ? texts.matches(read, pattern.test)
      : texts.matchesLiteral(read, pattern.literal)
  }

  #inList([operand, listId, ...more]: readonly unknown[], at: string): Condition {
    if (typeof listId !== 'string' || more.length > 0) throw new Refused('program_malformed', `No list at ${at}.`)
    const list = this.#lists(listId)
    if (list === undefined) throw new Refused('list_unavailable', `The contents of the list ${listId} are not here.`)
    this.listIds.add(listId)
    return inList(this.evaluate(operand, `${at}/0`), list)
  }
}
