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

function generalCall({ signature, run }: FunctionDefinition, args: readonly Evaluate[], context: Evaluate): Evaluate {
  return (input, frame) => {
    const values: unknown[] = []
    for (const arg of args) {
      const value = arg(input, frame)
      if (value instanceof Failure) return value
      values.push(value)
    }
    const checked = signature(values, context(input, frame))
    return checked instanceof Failure ? checked : run(checked)
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
