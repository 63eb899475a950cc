import { counted } from './budget.js'
import type { Evaluate } from './frame.js'
import { Refused } from './refused.js'
import { type Filter, nameStep, type Step, selected, walk } from './steps.js'

/** What compiling paths with selections needs of the compiler. */
interface StepCompiler {
  evaluate(node: unknown, at: string): Evaluate
  /** Reads a path of the record. */
  readerOf(path: readonly string[]): Evaluate
  /** Notes that a path of the record is read. */
  addRead(path: readonly string[]): void
  /** Compiles something that runs once for each item; `cost` is its size. */
  within(compile: () => Evaluate): { readonly evaluate: Evaluate; readonly cost: number }
}

/**
 * `['steps', start, step…]`: each step is `['name', name, filter…]` or `['map', node, filter…]`. A path of the record starts
 * with `['record']` and a name; any other with the instruction that gives what its first step goes over.
 */
export function compileSteps(compiler: StepCompiler, [start, ...steps]: readonly unknown[], at: string): Evaluate {
  if (!Array.isArray(start) || steps.length === 0) throw new Refused('program_malformed', `No path at ${at}.`)
  const compiled = steps.map((step, index) => compileStep(compiler, step, `${at}/${index + 1}`))
  if (start[0] === 'record' && start.length === 1) return recordSteps(compiler, steps, compiled)
  return walk(compiler.evaluate(start, `${at}/0`), compiled, start[0] === 'item' && start.length === 1)
}

const ONE = [null]

/** The first name is read from the record as paths without selections are; what is read ends at the first selection. */
function recordSteps(compiler: StepCompiler, steps: readonly unknown[], compiled: readonly Step[]): Evaluate {
  const names: string[] = []
  for (const step of steps) {
    if (!Array.isArray(step) || step[0] !== 'name' || typeof step[1] !== 'string') break
    names.push(step[1])
    if (step.length > 2) break
  }
  const [first] = compiled
  const [name] = names
  if (name === undefined || first === undefined) {
    throw new Refused('program_malformed', 'A path of the record starts with a name.')
  }
  compiler.addRead(names)
  const read = compiler.readerOf([name])
  const evaluate: Evaluate = (_item, frame) => read(frame.record, frame)
  return walk(() => ONE, [{ ...first, evaluate }, ...compiled.slice(1)], false)
}

/** `['filter', node, filter…]`: selections after a value that is not a path. */
export function compileSelected(
  compiler: StepCompiler,
  [operand, ...filters]: readonly unknown[],
  at: string,
): Evaluate {
  const evaluate = compiler.evaluate(operand, `${at}/0`)
  const isKeys = Array.isArray(operand) && operand[0] === 'call' && operand[1] === 'keys'
  return selected(evaluate, compileFilters(compiler, filters, at), isKeys)
}

/** Names of a path, checked. */
export function namesOf(names: readonly unknown[], at: string): readonly string[] {
  const path = names.filter((name) => typeof name === 'string')
  if (path.length !== names.length) throw new Refused('program_malformed', `No path at ${at}.`)
  return path
}

function compileStep(compiler: StepCompiler, step: unknown, at: string): Step {
  const [kind, what, ...filters]: readonly unknown[] = Array.isArray(step) ? step : []
  const { evaluate, cost } = compiler.within(() => {
    if (kind === 'name' && typeof what === 'string') return nameStep(what)
    if (kind === 'map') return compiler.evaluate(what, at)
    throw new Refused('program_malformed', `No step at ${at}.`)
  })
  return { evaluate, filters: compileFilters(compiler, filters, at), cost }
}

function compileFilters(compiler: StepCompiler, filters: readonly unknown[], at: string): readonly Filter[] {
  return filters.map((filter, index) => {
    if (Array.isArray(filter) && filter[0] === 'lit' && typeof filter[1] === 'number') return { at: filter[1] }
    const { evaluate, cost } = compiler.within(() => compiler.evaluate(filter, `${at}/${index}`))
    return { test: counted(evaluate), cost }
  })
}
