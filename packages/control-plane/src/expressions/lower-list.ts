import { type AstNode, childrenOf, kindOf, spanOf } from './ast.js'
import { type ExpressionIssueCode, ExpressionRefused, issueAt } from './issue.js'
import type { Refusal } from './language/left-out.js'
import { nearestName } from './nearest-name.js'

/** Ids of the lists that expressions may name, by name. */
export type ListIds = ReadonlyMap<string, string>

/** A list that an expression names. */
export interface NamedList {
  readonly name: string
  readonly list_id: string
}

export const LIST_FUNCTION = 'in_list'

/** Whether a call is `$in_list(…)`: a construct more than a function, since its second argument is a name and no value. */
export function isListCall(node: AstNode): boolean {
  const { procedure } = node
  return typeof procedure === 'object' && procedure !== null && Reflect.get(procedure, 'value') === LIST_FUNCTION
}

/** The value that is looked up and the list it is looked up in. Throws `ExpressionRefused` for a list that is not there. */
export function lowerListCall(
  source: string,
  node: AstNode,
  lists: ListIds,
): { readonly operand: AstNode; readonly list: NamedList } {
  const refuse = (at: AstNode, code: ExpressionIssueCode, { message, instead }: Refusal) =>
    new ExpressionRefused(issueAt(source, spanOf(source, at), { code, message, instead }))
  const args = childrenOf(node, 'arguments')
  const [operand, named] = args
  if (operand === undefined || named === undefined || args.length !== 2) {
    throw refuse(node, 'expression_arguments', { message: `$in_list takes 2 arguments; here are ${args.length}.` })
  }
  if (kindOf(named) !== 'string' || typeof named.value !== 'string') {
    const message = 'The second argument of $in_list is the name of a list, as text in quotes.'
    throw refuse(named, 'expression_arguments', { message, instead: '$in_list(client_ip, "known addresses")' })
  }
  const list_id = lists.get(named.value)
  if (list_id !== undefined) return { operand, list: { name: named.value, list_id } }
  const nearest = nearestName(named.value, lists.keys())
  const message = `There is no list named ${JSON.stringify(named.value)}.`
  throw refuse(named, 'expression_list_unknown', {
    message,
    ...(nearest === undefined ? {} : { instead: JSON.stringify(nearest) }),
  })
}
