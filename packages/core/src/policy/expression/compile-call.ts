import type { Condition, Evaluate } from './frame.js'
import type { FunctionDefinition } from './functions.js'
import { Failure, failure } from './semantics.js'

/** A call with prepared arguments; `context` reads what stands in for an argument left out. */
export function compileCall(definition: FunctionDefinition, args: readonly Evaluate[], context: Evaluate): Evaluate {
  const general = generalCall(definition, args, context)
  const [first, second] = args
  if (first === undefined) return general
  switch (definition.name) {
    case 'contains':
      return second === undefined ? general : containsCall(first, second)
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

function containsCall(text: Evaluate, sought: Evaluate): Evaluate {
  return (input, frame) => {
    const one = text(input, frame)
    if (one instanceof Failure) return one
    const other = sought(input, frame)
    if (other instanceof Failure) return other
    if (typeof one === 'string' && typeof other === 'string') return one.includes(other)
    const fits = (one === undefined || typeof one === 'string') && (other === undefined || typeof other === 'string')
    return fits ? undefined : T0410
  }
}

/** `$contains(text, /pattern/)`. */
export function patternCall(text: Evaluate, test: (text: string) => boolean): Condition {
  return (input, frame) => {
    const value = text(input, frame)
    if (typeof value === 'string') return test(value)
    return value === undefined || value instanceof Failure ? value : T0410
  }
}
