import { LIMITS } from '../../protocol/limits.js'
import { fieldReader } from '../fields/field-names.js'
import { preparePattern } from '../patterns/patterns.js'
import { type Scalar, scalarOf } from '../set/guards.js'
import { cidrCall, constantRanges } from './cidr.js'
import { compileCall, patternCall } from './compile-call.js'
import { type Evaluate, type Frame, Slots } from './frame.js'
import { FUNCTIONS } from './functions.js'
import { inList, type ListContents, NO_LISTS } from './in-list.js'
import * as operators from './operators.js'
import { PROGRAM_VERSION } from './program.js'
import { isRecord } from './semantics.js'
import { concatenate } from './text.js'

/** Why a program cannot be used; `path` leads to the node, as in `root/1/0`. */
export interface ProgramProblem {
  readonly code:
    | 'program_version'
    | 'program_malformed'
    | 'program_operation_unknown'
    | 'program_too_large'
    | 'list_unavailable'
    | 'pattern_unsupported'
  readonly message: string
}

/** A program ready to run over a frame of the slots it was compiled with. */
export interface CompiledProgram {
  readonly evaluate: Evaluate
  /** The paths it reads from the record, each once. */
  readonly reads: readonly (readonly string[])[]
  /** Ids of the lists it looks values up in, each once. */
  readonly lists: readonly string[]
}

export type Compilation =
  | { readonly ok: true; readonly program: CompiledProgram }
  | { readonly ok: false; readonly problem: ProgramProblem }

/** Thrown inside this file only; `compileProgram` turns it into a result. */
class Refused extends Error {
  readonly problem: ProgramProblem
  constructor(code: ProgramProblem['code'], message: string) {
    super(message)
    this.problem = { code, message }
  }
}

/**
 * Checks a program from an untrusted place and prepares it: version, operations, operands and budgets. Never throws.
 *
 * @param slots Where its paths get their slots; programs of one set share it.
 * @param lists Contents of the lists it may look up; one that is not there is the problem `list_unavailable`.
 */
export function compileProgram(
  program: unknown,
  slots: Slots = new Slots(),
  lists: ListContents = NO_LISTS,
): Compilation {
  try {
    if (!isRecord(program)) throw new Refused('program_malformed', 'The program is not an object.')
    if (program.version !== PROGRAM_VERSION) {
      throw new Refused('program_version', `The program's version is not ${PROGRAM_VERSION}.`)
    }
    const compiler = new Compiler(slots, lists)
    const evaluate = compiler.compile(program.root, 'root')
    return { ok: true, program: { evaluate, reads: compiler.reads(), lists: [...compiler.listIds] } }
  } catch (error) {
    if (error instanceof Refused) return { ok: false, problem: error.problem }
    return { ok: false, problem: { code: 'program_malformed', message: 'The program could not be prepared.' } }
  }
}

const BINARY: ReadonlyMap<string, (left: Evaluate, right: Evaluate) => Evaluate> = new Map([
  ['concat', concatenate],
  ...(['lt', 'le', 'gt', 'ge'] as const).map(
    (order) => [order, (left: Evaluate, right: Evaluate) => operators.compareOrder(left, right, order)] as const,
  ),
  ...(['add', 'sub', 'mul', 'div', 'mod'] as const).map(
    (name) => [name, (left: Evaluate, right: Evaluate) => operators.calculate(left, right, name)] as const,
  ),
])

const readRecord: Evaluate = (frame: Frame) => frame.record

class Compiler {
  readonly listIds = new Set<string>()
  readonly #slots: Slots
  readonly #lists: ListContents
  readonly #reads = new Map<string, readonly string[]>()
  #nodes = 0
  #depth = 0

  constructor(slots: Slots, lists: ListContents) {
    this.#slots = slots
    this.#lists = lists
  }

  reads(): readonly (readonly string[])[] {
    return [...this.#reads.values()]
  }

  compile(node: unknown, at: string): Evaluate {
    if (!Array.isArray(node)) throw new Refused('program_malformed', `No instruction at ${at}.`)
    this.#nodes += node.length
    this.#depth += 1
    if (this.#nodes > LIMITS.programNodes * 2 || this.#depth > LIMITS.expressionDepth) {
      throw new Refused('program_too_large', 'The program is larger than its budget.')
    }
    const evaluate = this.#instruction(node, at)
    this.#depth -= 1
    return evaluate
  }

  #instruction([op, ...operands]: readonly unknown[], at: string): Evaluate {
    switch (op) {
      case 'lit':
        return constant(operands, at)
      case 'path':
        return this.#path(operands, at)
      case 'and':
        return operators.allOf(this.#all(operands, at, 2))
      case 'or':
        return operators.anyOf(this.#all(operands, at, 2))
      case 'eq':
      case 'ne':
        return this.#equal(operands, at, op === 'eq')
      case 'in':
        return this.#member(operands, at)
      case 'neg':
        return operators.negate(this.#one(operands, at))
      case 'block':
        return this.#one(operands, at)
      case 'if':
        return this.#choice(operands, at)
      case 'list':
        return this.#list(operands, at)
      case 'call':
        return this.#call(operands, at)
      case 'test':
        return this.#test(operands, at)
      case 'in_list':
        return this.#inList(operands, at)
      default:
        return this.#binary(op, operands, at)
    }
  }

  #all(operands: readonly unknown[], at: string, least: number): readonly Evaluate[] {
    if (operands.length < least) throw new Refused('program_malformed', `Too few operands at ${at}.`)
    return operands.map((operand, index) => this.compile(operand, `${at}/${index}`))
  }

  #exactly(operands: readonly unknown[], at: string, count: number): readonly Evaluate[] {
    if (operands.length !== count) throw new Refused('program_malformed', `${count} operands are expected at ${at}.`)
    return this.#all(operands, at, count)
  }

  #one(operands: readonly unknown[], at: string): Evaluate {
    return required(this.#exactly(operands, at, 1)[0], at)
  }

  #pair(operands: readonly unknown[], at: string): readonly [Evaluate, Evaluate] {
    const [left, right] = this.#exactly(operands, at, 2)
    return [required(left, at), required(right, at)]
  }

  #binary(op: unknown, operands: readonly unknown[], at: string): Evaluate {
    const make = typeof op === 'string' ? BINARY.get(op) : undefined
    if (make === undefined) throw new Refused('program_operation_unknown', `The instruction at ${at} is not known.`)
    return make(...this.#pair(operands, at))
  }

  #path(names: readonly unknown[], at: string): Evaluate {
    const path = names.filter((name) => typeof name === 'string')
    if (path.length === 0 || path.length !== names.length) throw new Refused('program_malformed', `No path at ${at}.`)
    this.#reads.set(JSON.stringify(path), path)
    if (path[0] === 'actions' && !this.#slots.actionsAreAField) {
      const rest = path.slice(1)
      return rest.length === 0 ? (frame) => frame.actions : () => undefined
    }
    const slot = this.#slots.slotOf(path, fieldReader(path))
    return (frame) => frame.read(slot)
  }

  #equal(operands: readonly unknown[], at: string, wanted: boolean): Evaluate {
    const [left, right] = this.#pair(operands, at)
    const [first, second] = operands.map(scalarOf)
    if (second !== undefined) return this.#equalsConstant(left, operands[0], { constant: second, wanted })
    if (first !== undefined) return this.#equalsConstant(right, operands[1], { constant: first, wanted })
    return operators.compareEqual(left, right, wanted)
  }

  #equalsConstant(
    evaluate: Evaluate,
    node: unknown,
    { constant, wanted }: { readonly constant: Scalar; readonly wanted: boolean },
  ): Evaluate {
    const path = Array.isArray(node) && node[0] === 'path' ? node.slice(1) : []
    return path.length === 0 || (path[0] === 'actions' && !this.#slots.actionsAreAField)
      ? operators.compareConstant(evaluate, constant, wanted)
      : operators.compareSlot(this.#slots.slotOf(path), constant, wanted)
  }

  #member(operands: readonly unknown[], at: string): Evaluate {
    const [left, right] = this.#pair(operands, at)
    const list = operands[1]
    if (!Array.isArray(list) || list[0] !== 'list') return operators.memberOf(left, right)
    const constants = list.slice(1).map(scalarOf)
    return constants.includes(undefined)
      ? operators.memberOf(left, right)
      : operators.memberOfConstants(left, constants)
  }

  #choice(operands: readonly unknown[], at: string): Evaluate {
    if (operands.length > 3) throw new Refused('program_malformed', `Too many operands at ${at}.`)
    const [condition, then, otherwise] = this.#all(operands, at, 2)
    return operators.choose(required(condition, at), required(then, at), otherwise)
  }

  #list(operands: readonly unknown[], at: string): Evaluate {
    const items = operands.map((operand, index) => ({
      evaluate: this.compile(operand, `${at}/${index}`),
      isLiteralList: Array.isArray(operand) && operand[0] === 'list',
    }))
    return operators.listOf(items)
  }

  #call([name, ...operands]: readonly unknown[], at: string): Evaluate {
    const definition = typeof name === 'string' ? FUNCTIONS.get(name) : undefined
    if (definition === undefined) throw new Refused('program_operation_unknown', `The function at ${at} is not known.`)
    const { leastArguments, mostArguments } = definition
    if (operands.length < leastArguments || operands.length > mostArguments) {
      throw new Refused('program_malformed', `The function at ${at} has the wrong number of arguments.`)
    }
    const args = this.#all(operands, at, 1)
    const ranges = name === 'cidr' ? constantRanges(operands[1]) : undefined
    if (ranges === undefined) return compileCall(definition, args, readRecord)
    if ('bad' in ranges) throw new Refused('program_malformed', `No range of addresses at ${at}.`)
    return cidrCall(required(args[0], at), ranges.ranges)
  }

  #test([operand, source, flags]: readonly unknown[], at: string): Evaluate {
    if (typeof source !== 'string' || typeof flags !== 'string') {
      throw new Refused('program_malformed', `No pattern at ${at}.`)
    }
    const pattern = preparePattern(source, flags)
    if (!pattern.ok) throw new Refused('pattern_unsupported', pattern.reason)
    return patternCall(this.compile(operand, `${at}/0`), pattern.test)
  }

  #inList([operand, listId, ...more]: readonly unknown[], at: string): Evaluate {
    if (typeof listId !== 'string' || more.length > 0) throw new Refused('program_malformed', `No list at ${at}.`)
    const list = this.#lists(listId)
    if (list === undefined) throw new Refused('list_unavailable', `The contents of the list ${listId} are not here.`)
    this.listIds.add(listId)
    return inList(this.compile(operand, `${at}/0`), list)
  }
}

function required(evaluate: Evaluate | undefined, at: string): Evaluate {
  if (evaluate === undefined) throw new Refused('program_malformed', `An operand is missing at ${at}.`)
  return evaluate
}

function constant([value, ...more]: readonly unknown[], at: string): Evaluate {
  const isScalar = value === null || typeof value === 'string' || typeof value === 'boolean'
  if (more.length > 0 || !(isScalar || (typeof value === 'number' && Number.isFinite(value)))) {
    throw new Refused('program_malformed', `No constant at ${at}.`)
  }
  return () => value
}
