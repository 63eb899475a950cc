import { constantRanges, matchesEmptyText, type ProgramNode, preparePattern } from '@esper/core'
import { type AstNode, childrenOf, kindOf, spanOf } from './ast.js'
import { issueAt } from './issue.js'
import type { Refusal } from './language/left-out.js'
import { callName, lowerCallName } from './lower-call-name.js'
import { isListCall, lowerListCall } from './lower-list.js'
import { lowerPath, readsCredential } from './lower-path.js'
import type { LoweringHost } from './lowering-host.js'
import { selectionsOf } from './scope.js'

const LISTED_MATCHES: Refusal = {
  message: '$match stands only where it is asked whether there is a match.',
  instead: '$contains(text, /pattern/), or $exists($match(text, /pattern/))',
}

const LISTED_VALUES: Refusal = {
  message: '$distinct stands only in $count.',
  instead: '$count($distinct(list))',
}

const EMPTY_MATCH: Refusal = {
  message: 'A pattern in $match must not match empty text: where it does, JSONata gives an error.',
  instead: '$contains(text, /pattern/)',
}

/** Functions that only ask whether their argument holds or is there. */
const TRUTH: ReadonlySet<string> = new Set(['boolean', 'exists', 'not'])

/** Lowers the call of a function. */
export function lowerCall(host: LoweringHost, node: AstNode): ProgramNode {
  const { source, lists } = host.options
  if (isListCall(node)) {
    const { operand, list } = lowerListCall(source, node, lists)
    host.lists.push(list)
    return ['in_list', host.lower(operand), list.list_id]
  }
  const name = lowerCallName(source, node)
  const args = childrenOf(node, 'arguments')
  const [first, second] = args
  if (name === 'match') throw host.refusal(node, 'expression_unsupported', LISTED_MATCHES)
  if (name === 'distinct') throw host.refusal(node, 'expression_unsupported', LISTED_VALUES)
  if (name === 'contains' && first !== undefined && second !== undefined && second.value instanceof RegExp) {
    return lowerPattern(host, first, second, 'test')
  }
  if (name === 'exists' && first !== undefined && readsCredential(host, first)) {
    return ['call', name, lowerPath(host, first, 'redacted')]
  }
  if (name === 'count' && first !== undefined && isCall(first, 'distinct')) return lowerDistinct(host, first)
  const lowered = args.map((arg) => (TRUTH.has(name) ? host.lowerTest(arg) : host.lower(arg)))
  if (name === 'cidr' && second !== undefined) refuseBadRange(host, second, lowered[1])
  return ['call', name, ...lowered]
}

/** Whether a node calls the function of this name, and nothing is selected of what it gives. */
export function isCall(node: AstNode, name: string): boolean {
  return kindOf(node) === 'function' && callName(node) === name && selectionsOf(node).length === 0
}

/** Lowers `$match` where it is only asked whether there is a match. */
export function lowerMatch(host: LoweringHost, node: AstNode): ProgramNode {
  lowerCallName(host.options.source, node)
  const [text, pattern] = childrenOf(node, 'arguments')
  if (text === undefined || pattern === undefined || !(pattern.value instanceof RegExp)) {
    const refusal = { message: 'The second argument of $match is a pattern.', instead: '$match(user_agent, /bot/)' }
    throw host.refusal(pattern ?? node, 'expression_unsupported', refusal)
  }
  const lowered = lowerPattern(host, text, pattern, 'match')
  if (!matchesEmptyText(pattern.value.source, pattern.value.flags)) return lowered
  throw host.refusal(pattern, 'pattern_unsupported', EMPTY_MATCH)
}

/** `$count($distinct(list))`: elsewhere the answer of `$distinct` depends on how its list came about. */
function lowerDistinct(host: LoweringHost, node: AstNode): ProgramNode {
  lowerCallName(host.options.source, node)
  return ['call', 'count', ['call', 'distinct', ...childrenOf(node, 'arguments').map((arg) => host.lower(arg))]]
}

function refuseBadRange(host: LoweringHost, node: AstNode, lowered: unknown): void {
  const constant = constantRanges(lowered)
  if (constant === undefined || 'ranges' in constant) return
  const message = `"${constant.bad}" is no address and no range of addresses.`
  throw host.refusal(node, 'expression_arguments', { message, instead: '"203.0.113.0/24" or "2001:db8::/32"' })
}

function lowerPattern(host: LoweringHost, text: AstNode, node: AstNode, op: 'test' | 'match'): ProgramNode {
  host.refuseDecoration(node)
  const pattern = node.value instanceof RegExp ? node.value : /(?:)/
  const flags = pattern.flags.replace('g', '')
  const prepared = preparePattern(pattern.source, flags)
  if (!prepared.ok) throw host.refusal(node, 'pattern_unsupported', { message: prepared.reason })
  if (prepared.engine === 're2') {
    const message =
      'This pattern cannot be proved fast on the native engine, so it runs on a slower one in linear time.'
    const instead = 'a pattern that begins with "^" and has one "*" or "+" at most'
    const { source } = host.options
    host.warnings.push(issueAt(source, spanOf(source, node), { code: 'pattern_slow', message, instead }))
  }
  return [op, host.lower(text), pattern.source, flags]
}
