import { FUNCTIONS } from '@esper/core'
import { type AstNode, childOf, childrenOf, kindOf, spanOf } from './ast.js'
import { type ExpressionIssueCode, ExpressionRefused, issueAt } from './issue.js'
import { REFUSED_FUNCTIONS, REFUSED_KINDS, type Refusal } from './language/left-out.js'
import { LIST_FUNCTION } from './lower-list.js'
import { nearestName } from './nearest-name.js'

interface Arity {
  readonly leastArguments: number
  readonly mostArguments: number
}

/** Functions that a program has other instructions for. */
const INSTRUCTIONS: ReadonlyMap<string, Arity> = new Map([['match', { leastArguments: 2, mostArguments: 2 }]])

const CALLS: readonly string[] = [...FUNCTIONS.keys(), ...INSTRUCTIONS.keys(), LIST_FUNCTION]

/** The function a call names, be there one or not. */
export function callName(node: AstNode): string {
  const { value } = childOf(node, 'procedure')
  return typeof value === 'string' ? value : ''
}

/** The function a call names, its number of arguments checked. Throws `ExpressionRefused` for anything else. */
export function lowerCallName(source: string, node: AstNode): string {
  const procedure = childOf(node, 'procedure')
  const refuse = (code: ExpressionIssueCode, { message, instead }: Refusal): ExpressionRefused =>
    new ExpressionRefused(issueAt(source, spanOf(source, procedure), { code, message, instead }))
  const name = typeof procedure.value === 'string' ? procedure.value : ''
  const construct = REFUSED_KINDS[kindOf(procedure)]
  if (construct !== undefined) throw refuse('expression_unsupported', construct)
  if (kindOf(procedure) !== 'variable' || name === '')
    throw refuse('expression_function_unknown', notAFunction(procedure))
  const definition: Arity | undefined = FUNCTIONS.get(name) ?? INSTRUCTIONS.get(name)
  if (definition === undefined) {
    const known = Object.hasOwn(REFUSED_FUNCTIONS, name) ? REFUSED_FUNCTIONS[name] : undefined
    if (known !== undefined) {
      throw refuse('expression_function_unsupported', {
        ...known,
        message: `$${name} is not supported. ${known.message}`,
      })
    }
    const nearest = nearestName(name, CALLS)
    const message = `There is no function $${name}.`
    throw refuse(
      'expression_function_unknown',
      nearest === undefined ? { message } : { message, instead: `$${nearest}` },
    )
  }
  const given = childrenOf(node, 'arguments').length
  const { leastArguments: least, mostArguments: most } = definition
  if (given < least || given > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`
    throw refuse('expression_arguments', {
      message: `$${name} takes ${wanted} argument${most === 1 ? '' : 's'}; here are ${given}.`,
    })
  }
  return name
}

function notAFunction(procedure: AstNode): Refusal {
  const [step] = childrenOf(procedure, 'steps')
  const name = typeof step?.value === 'string' ? step.value : ''
  const meant = CALLS.includes(name) ? name : nearestName(name, CALLS)
  const message = 'Names of functions start with "$".'
  return meant === undefined ? { message } : { message, instead: `$${meant}(…)` }
}
