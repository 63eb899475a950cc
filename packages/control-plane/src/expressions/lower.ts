import { constantRanges, isRedactedPath, isResponseField, LIMITS, type ProgramNode, preparePattern } from '@esper/core'
import { type AstNode, childOf, childrenOf, decorationOf, kindOf, spanOf } from './ast.js'
import { type ExpressionIssue, type ExpressionIssueCode, ExpressionRefused, issueAt } from './issue.js'
import { lowerCallName } from './lower-call-name.js'
import { isListCall, type ListIds, lowerListCall, type NamedList } from './lower-list.js'
import { REFUSED_DECORATIONS, REFUSED_KINDS, type Refusal } from './refused-constructs.js'

export interface LowerOptions {
  readonly source: string
  readonly clearCookies: readonly string[]
  /** Where the expression stands: not every field is known everywhere. */
  readonly kind: 'action' | 'policy' | 'match' | 'exemption'
  readonly lists: ListIds
}

/** A path that an expression reads, with the node it stands at. */
export interface ReadPath {
  readonly path: readonly string[]
  readonly node: AstNode
}

/** Parentheses vanish in the program, so the tree may be deeper than it. */
const MOST_DEPTH = LIMITS.expressionDepth * 2

const STRAY_PATTERN: Refusal = {
  message: 'A pattern stands only in $contains.',
  instead: '$contains(request_path, /^\\/login/)',
}

/** jsonata copies what stands left of `??` by way of JSON, where a pattern is lost. */
const LOST_PATTERN: Refusal = {
  message: 'A pattern cannot stand to the left of "??".',
  instead: '$exists(a) ? a : b',
}

const OPERATIONS: Readonly<Record<string, string>> = {
  '=': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  in: 'in',
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'mod',
  '&': 'concat',
}

/** Lowers a syntax tree to a program, node by node, from an allow-list. Throws `ExpressionRefused` at the first thing not on it. */
export class Lowering {
  readonly reads: ReadPath[] = []
  readonly warnings: ExpressionIssue[] = []
  readonly lists: NamedList[] = []
  readonly #options: LowerOptions
  #depth = 0

  constructor(options: LowerOptions) {
    this.#options = options
  }

  lower(node: AstNode): ProgramNode {
    this.#depth += 1
    if (this.#depth > MOST_DEPTH) {
      throw this.#refusal(node, 'expression_too_deep', { message: `It is nested deeper than ${MOST_DEPTH} levels.` })
    }
    const lowered = this.#node(node)
    this.#depth -= 1
    return lowered
  }

  #node(node: AstNode): ProgramNode {
    this.#refuseDecoration(node)
    switch (kindOf(node)) {
      case 'string':
      case 'number':
      case 'value':
        return ['lit', node.value]
      case 'path':
        return this.#path(node, 'value')
      case 'binary':
        return this.#binary(node)
      case 'unary':
        return this.#unary(node)
      case 'condition':
        return this.#condition(node)
      case 'block':
        return this.#block(node)
      case 'function':
        return this.#call(node)
      case 'variable':
        throw this.#variableRefusal(node)
      case 'regex':
        throw this.#unsupported(node, node.value instanceof RegExp ? STRAY_PATTERN : LOST_PATTERN)
      default:
        throw this.#unsupported(node, REFUSED_KINDS[kindOf(node)] ?? { message: 'This construct is not supported.' })
    }
  }

  #refusal(node: AstNode, code: ExpressionIssueCode, { message, instead }: Refusal): ExpressionRefused {
    const { source } = this.#options
    return new ExpressionRefused(issueAt(source, spanOf(source, node), { code, message, instead }))
  }

  #unsupported(node: AstNode, refusal: Refusal): ExpressionRefused {
    return this.#refusal(node, 'expression_unsupported', refusal)
  }

  #refuseDecoration(node: AstNode): void {
    const decoration = decorationOf(node)
    if (decoration === undefined) return
    throw this.#unsupported(node, REFUSED_DECORATIONS[decoration] ?? { message: 'This construct is not supported.' })
  }

  #variableRefusal(node: AstNode): ExpressionRefused {
    if (node.value === '' || node.value === '$') {
      return this.#unsupported(node, {
        message: 'The record as a whole is not a value.',
        instead: 'the name of a field',
      })
    }
    const message = `There are no variables, so "$${String(node.value)}" means nothing.`
    return this.#unsupported(node, { message, instead: 'a field without "$", or a function with arguments' })
  }

  #names(node: AstNode): readonly string[] {
    const steps = childrenOf(node, 'steps')
    const [first] = steps
    const isRooted = first !== undefined && kindOf(first) === 'variable' && (first.value === '' || first.value === '$')
    return (isRooted ? steps.slice(1) : steps).map((step) => {
      this.#refuseDecoration(step)
      if (kindOf(step) === 'name' && typeof step.value === 'string') return step.value
      if (kindOf(step) === 'variable') throw this.#variableRefusal(step)
      const refusal = REFUSED_KINDS[kindOf(step)] ?? {
        message: 'A path is made of names.',
        instead: 'names joined by ".", as in body.user.email',
      }
      throw this.#unsupported(step, refusal)
    })
  }

  #path(node: AstNode, use: 'value' | 'redacted'): ProgramNode {
    this.#refuseDecoration(node)
    const path = this.#names(node)
    if (use === 'value' && this.#isRedacted(path)) {
      const message = `"${path.join('.')}" holds a credential and is there only as a keyed hash.`
      const other = this.#options.kind === 'exemption' ? 'its hash as an event shows it, or with ' : ''
      const instead = `$exists(${path.join('.')}), or equality with ${other}another such field`
      throw this.#refusal(node, 'expression_field_redacted', { message, instead })
    }
    if (path[0] === 'actions' && this.#options.kind === 'action') {
      const message = 'An action cannot read "actions": they are what is being decided.'
      throw this.#refusal(node, 'expression_field_unavailable', { message, instead: 'the condition of that action' })
    }
    if (isResponseField(path) && this.#options.kind === 'exemption') {
      const message = `An exemption is looked at before there is a response, so it cannot read "${path.join('.')}".`
      throw this.#refusal(node, 'expression_field_unavailable', { message, instead: 'what the request says' })
    }
    this.reads.push({ path, node })
    return ['path', ...path]
  }

  #isRedacted(path: readonly string[]): boolean {
    return isRedactedPath(path, this.#options.clearCookies)
  }

  #isRedactedNode(node: AstNode): boolean {
    return kindOf(node) === 'path' && decorationOf(node) === undefined && this.#isRedacted(this.#names(node))
  }

  #binary(node: AstNode): ProgramNode {
    const operator = String(node.value)
    if (operator === 'and' || operator === 'or') {
      return [operator, ...this.#chain(node, operator).map((part) => this.lower(part))]
    }
    const operation = OPERATIONS[operator]
    if (operation === undefined) {
      throw this.#unsupported(node, { message: `The operator "${operator}" is not supported.` })
    }
    const left = childOf(node, 'lhs')
    const right = childOf(node, 'rhs')
    if ((operator === '=' || operator === '!=') && this.#isRedactedNode(left) && this.#isRedactedNode(right)) {
      return [operation, this.#path(left, 'redacted'), this.#path(right, 'redacted')]
    }
    if (operator === '=' && this.#options.kind === 'exemption' && this.#isRedactedNode(left) && isKeyedHash(right)) {
      return [operation, this.#path(left, 'redacted'), this.lower(right)]
    }
    return [operation, this.lower(left), this.lower(right)]
  }

  /** The operands of `a and b and c`, which jsonata nests to the left: one flat list has the same meaning. */
  #chain(node: AstNode, operator: string): readonly AstNode[] {
    const parts: AstNode[] = []
    let rest = node
    while (kindOf(rest) === 'binary' && rest.value === operator && decorationOf(rest) === undefined) {
      parts.unshift(childOf(rest, 'rhs'))
      rest = childOf(rest, 'lhs')
    }
    return [rest, ...parts]
  }

  #unary(node: AstNode): ProgramNode {
    if (node.value === '[') return ['list', ...childrenOf(node, 'expressions').map((item) => this.lower(item))]
    if (node.value === '-') return ['neg', this.lower(childOf(node, 'expression'))]
    throw this.#unsupported(node, { message: 'Objects cannot be built.', instead: 'the value itself' })
  }

  #condition(node: AstNode): ProgramNode {
    const parts = [this.lower(childOf(node, 'condition')), this.lower(childOf(node, 'then'))]
    return node.else === undefined ? ['if', ...parts] : ['if', ...parts, this.lower(childOf(node, 'else'))]
  }

  #block(node: AstNode): ProgramNode {
    const expressions = childrenOf(node, 'expressions')
    const [only] = expressions
    if (only === undefined || expressions.length !== 1) {
      const message = 'Parentheses hold exactly one expression.'
      throw this.#unsupported(node, { message, instead: 'and, or, or a conditional' })
    }
    const inner = this.lower(only)
    // Inside a list literal a parenthesised list is joined to it, where a bare one would be nested.
    return inner[0] === 'list' ? ['block', inner] : inner
  }

  #call(node: AstNode): ProgramNode {
    if (isListCall(node)) return this.#listCall(node)
    const args = childrenOf(node, 'arguments')
    const { source } = this.#options
    const name = lowerCallName(source, node)
    const [first, second] = args
    if (name === 'contains' && first !== undefined && second !== undefined && second.value instanceof RegExp) {
      return this.#test(first, second, second.value)
    }
    if (name === 'exists' && first !== undefined && this.#isRedactedNode(first)) {
      return ['call', name, this.#path(first, 'redacted')]
    }
    const lowered = args.map((arg) => this.lower(arg))
    if (name === 'cidr' && second !== undefined) this.#refuseBadRange(second, lowered[1])
    return ['call', name, ...lowered]
  }

  #listCall(node: AstNode): ProgramNode {
    const { source, lists } = this.#options
    const { operand, list } = lowerListCall(source, node, lists)
    this.lists.push(list)
    return ['in_list', this.lower(operand), list.list_id]
  }

  #refuseBadRange(node: AstNode, lowered: unknown): void {
    const constant = constantRanges(lowered)
    if (constant === undefined || 'ranges' in constant) return
    const message = `"${constant.bad}" is no address and no range of addresses.`
    throw this.#refusal(node, 'expression_arguments', { message, instead: '"203.0.113.0/24" or "2001:db8::/32"' })
  }

  #test(text: AstNode, node: AstNode, pattern: RegExp): ProgramNode {
    this.#refuseDecoration(node)
    const flags = pattern.flags.replace('g', '')
    const prepared = preparePattern(pattern.source, flags)
    if (!prepared.ok) throw this.#refusal(node, 'pattern_unsupported', { message: prepared.reason })
    if (prepared.engine === 're2') {
      const message =
        'This pattern cannot be proved fast on the native engine, so it runs on a slower one in linear time.'
      const instead = 'a pattern that begins with "^" and has one "*" or "+" at most'
      const { source } = this.#options
      this.warnings.push(issueAt(source, spanOf(source, node), { code: 'pattern_slow', message, instead }))
    }
    return ['test', this.lower(text), pattern.source, flags]
  }
}

/** A text that has the form of the keyed hash which stands in events for a credential. */
function isKeyedHash(node: AstNode): boolean {
  return kindOf(node) === 'string' && typeof node.value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(node.value)
}
