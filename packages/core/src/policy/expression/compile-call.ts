import { spend } from './budget.js'
import type { Evaluate } from './frame.js'
import type { FunctionDefinition } from './functions.js'
import { Failure, failure } from './semantics.js'

/** A call with prepared arguments; `context` reads what stands in for an argument left out. */
export function compileCall(definition: FunctionDefinition, args: readonly Evaluate[], context: Evaluate): Evaluate {
  const general = generalCall(definition, args, context)
  const [first] = args
  if (first === undefined) return general
  switch (definition.name) {
    case 'lowercase':
      return onText(first, (text) => text.toLowerCase())
    case 'uppercase':
      return onText(first, (text) => text.toUpperCase())
    default:
      return general
  }
}

function generalCall(definition: FunctionDefinition, args: readonly Evaluate[], context: Evaluate): Evaluate {
  const { signature, run, grows } = definition
  return (input, frame) => {
    const values: unknown[] = []
    for (const arg of args) {
      const value = arg(input, frame)
      if (value instanceof Failure) return value
      values.push(value)
    }
    const checked = signature(values, context(input, frame))
    if (checked instanceof Failure) return checked
    const answer = run(checked)
    const size = grows && (typeof answer === 'string' || Array.isArray(answer)) ? answer.length : 0
    return size === 0 ? answer : (spend(frame, size) ?? answer)
  }
}

const T0410 = failure('T0410')

function onText(operand: Evaluate, run: (text: string) => string): Evaluate {
  return (input, frame) => {
    const value = operand(input, frame)
    if (typeof value === 'string') return run(value)
    return value === undefined || value instanceof Failure ? value : T0410
  }
}
