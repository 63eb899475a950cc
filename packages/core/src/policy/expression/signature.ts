import { Failure, failure } from './semantics.js'

/** One parameter of a function: what it accepts in JSONata's letters, and what happens when it is left out. */
interface Parameter {
  readonly accepts: string
  readonly optional: boolean
  /** Whether the context value stands in for it when the types do not fit otherwise. */
  readonly context: boolean
  readonly isList: boolean
  /** For a list: the letter every member must have. */
  readonly members?: string
}

/** Checks and completes arguments as jsonata's `validate` does: the arguments, or the error as a value. */
export type Signature = (args: readonly unknown[], context: unknown) => readonly unknown[] | Failure

const T0410 = failure('T0410')
const T0411 = failure('T0411')
const T0412 = failure('T0412')
const ANY = 'asnblfom'

/** Parses a JSONata function signature such as `<s-nn?:s>`; the return type is not looked at. */
export function parseSignature(text: string): Signature {
  const parameters = parseParameters(text.slice(1, text.indexOf(':')))
  const shape = new RegExp(`^${parameters.map(partOf).join('')}$`)
  return (args, context) => {
    const found = shape.exec(args.map(letterOf).join(''))
    if (found === null) return T0410
    const checked: unknown[] = []
    let next = 0
    for (const [index, parameter] of parameters.entries()) {
      if (found[index + 1] === '' && parameter.context) {
        if (!parameter.accepts.includes(letterOf(context))) return T0411
        checked.push(context)
        continue
      }
      const value = parameter.isList && found[index + 1] !== '' ? asList(args[next], parameter.members) : args[next]
      if (value instanceof Failure) return value
      checked.push(value)
      next += 1
    }
    return checked
  }
}

function partOf(parameter: Parameter): string {
  return `([${parameter.accepts}]${parameter.optional || parameter.context ? '?' : ''})`
}

function parseParameters(text: string): Parameter[] {
  const parameters: Parameter[] = []
  const pattern = /(?:\(([a-z]+)\)|([a-z]))(?:<([a-z])>)?([-?]?)/g
  for (const [, choice, letter = '', members, mark] of text.matchAll(pattern)) {
    const wide = letter === 'a' || letter === 'x'
    const accepts = choice !== undefined ? `${choice}m` : wide ? ANY : `${letter}m`
    const base = { accepts, optional: mark === '?', context: mark === '-', isList: letter === 'a' }
    parameters.push(members === undefined ? base : { ...base, members })
  }
  return parameters
}

function asList(value: unknown, members: string | undefined): unknown {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) return members === undefined || letterOf(value) === members ? [value] : T0412
  const fits = members === undefined || value.every((item) => letterOf(item) === members)
  return fits ? value : T0412
}

function letterOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 's'
    case 'number':
      return 'n'
    case 'boolean':
      return 'b'
    case 'undefined':
      return 'm'
    default:
      return value === null ? 'l' : Array.isArray(value) ? 'a' : 'o'
  }
}
