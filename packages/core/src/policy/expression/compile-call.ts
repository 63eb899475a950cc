import type { Evaluate } from './frame.js'
import type { FunctionDefinition } from './functions.js'
import { Failure, failure, truthy } from './semantics.js'

/** A call with prepared arguments; `context` reads what stands in for an argument left out. */
export function compileCall(definition: FunctionDefinition, args: readonly Evaluate[], context: Evaluate): Evaluate {
  const general = generalCall(definition, args, context)
  const [first, second] = args
  if (first === undefined) return general
  switch (definition.name) {
    case 'exists':
      return (frame) => {
        const value = first(frame)
        return value instanceof Failure ? value : value !== undefined
      }
    case 'not':
      return (frame) => {
        const value = first(frame)
        if (value === undefined) return undefined
        const answer = truthy(value)
        return answer instanceof Failure ? answer : !answer
      }
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
  return (frame) => {
    const values: unknown[] = []
    for (const arg of args) {
      const value = arg(frame)
      if (value instanceof Failure) return value
      values.push(value)
    }
    const checked = signature(values, context(frame))
    return checked instanceof Failure ? checked : run(checked)
  }
}

const T0410 = failure('T0410')

function onText(operand: Evaluate, run: (text: string) => string): Evaluate {
  return (frame) => {
    const value = operand(frame)
    if (typeof value === 'string') return run(value)
    return value === undefined || value instanceof Failure ? value : T0410
  }
}

function containsCall(text: Evaluate, sought: Evaluate): Evaluate {
  return (frame) => {
    const one = text(frame)
    if (one instanceof Failure) return one
    const other = sought(frame)
    if (other instanceof Failure) return other
    if (typeof one === 'string' && typeof other === 'string') return one.includes(other)
    const fits = (one === undefined || typeof one === 'string') && (other === undefined || typeof other === 'string')
    return fits ? undefined : T0410
  }
}

/** `$contains(text, /pattern/)`. */
export function patternCall(text: Evaluate, test: (text: string) => boolean): Evaluate {
  return (frame) => {
    const value = text(frame)
    if (typeof value === 'string') return test(value)
    return value === undefined || value instanceof Failure ? value : T0410
  }
}
