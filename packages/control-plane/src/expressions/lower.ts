import { LIMITS, MOST_WORK, type ProgramNode } from '@esper/core'
import { type AstNode, childOf, childrenOf, decorationOf, kindOf, pairsOf, spanOf } from './ast.js'
import { type ExpressionIssue, type ExpressionIssueCode, ExpressionRefused, issueAt } from './issue.js'
import { REFUSED_DECORATIONS, REFUSED_KINDS, type Refusal } from './language/left-out.js'
import { isCall, lowerCall, lowerMatch } from './lower-call.js'
import type { NamedList } from './lower-list.js'
import { lowerPath, lowerSelections, lowerVariable, readsCredential } from './lower-path.js'
import type { LoweringHost, LowerOptions, ReadPath } from './lowering-host.js'
import { itemScope, LIST_SCOPE, RECORD_SCOPE, type Scope, selectionsOf, UNKNOWN_BASE } from './scope.js'

/** Parentheses vanish in the program, so the tree may be deeper than it. */
const MOST_DEPTH = LIMITS.expressionDepth * 2

const STRAY_PATTERN: Refusal = {
  message: 'A pattern stands only in $contains.',
  instead: '$contains(request_path, /^\\/login/)',
}

const QUOTED_NAME: Refusal = {
  message: 'Text in quotes is no name where a selection follows it.',
  instead: 'the name in backquotes: `x-name`[0].a',
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
  '..': 'range',
}

const LARGE_RANGE: Refusal = {
  message: `A range has at most ${MOST_WORK} numbers.`,
  instead: 'a comparison: $number(query.page) <= 1000000',
}

/** Lowers a syntax tree to a program, node by node, from an allow-list. Throws `ExpressionRefused` at the first thing not on it. */
export class Lowering implements LoweringHost {
  readonly reads: ReadPath[] = []
  readonly warnings: ExpressionIssue[] = []
  readonly lists: NamedList[] = []
  readonly options: LowerOptions
  #scope: Scope
  #depth = 0

  constructor(options: LowerOptions) {
    this.options = options
    this.#scope = options.ofList ? LIST_SCOPE : RECORD_SCOPE
  }

  get scope(): Scope {
    return this.#scope
  }

  lower(node: AstNode): ProgramNode {
    this.#depth += 1
    if (this.#depth > MOST_DEPTH) {
      throw this.refusal(node, 'expression_too_deep', { message: `It is nested deeper than ${MOST_DEPTH} levels.` })
    }
    const lowered = this.#node(node)
    const selections = lowerSelections(this, node, UNKNOWN_BASE)
    this.#depth -= 1
    return selections.length === 0 ? lowered : ['filter', lowered, ...selections]
  }

  lowerTest(node: AstNode): ProgramNode {
    const [only, ...more] = kindOf(node) === 'block' ? childrenOf(node, 'expressions') : []
    if (only !== undefined && more.length === 0 && selectionsOf(node).length === 0) return this.lowerTest(only)
    return isCall(node, 'match') ? lowerMatch(this, node) : this.lower(node)
  }

  within(base: readonly string[], lower: () => ProgramNode): ProgramNode {
    const outer = this.#scope
    this.#scope = itemScope(outer, base)
    const lowered = lower()
    this.#scope = outer
    return lowered
  }

  #node(node: AstNode): ProgramNode {
    this.refuseDecoration(node)
    switch (kindOf(node)) {
      case 'string':
      case 'number':
      case 'value':
        return ['lit', node.value]
      case 'path':
        return lowerPath(this, node, 'value')
      case 'name':
        throw this.#unsupported(node, QUOTED_NAME)
      case 'binary':
        return this.#binary(node)
      case 'unary':
        return this.#unary(node)
      case 'condition':
        return this.#condition(node)
      case 'block':
        return this.#block(node)
      case 'function':
        return lowerCall(this, node)
      case 'variable':
        return lowerVariable(this, node)
      case 'regex':
        throw this.#unsupported(node, node.value instanceof RegExp ? STRAY_PATTERN : LOST_PATTERN)
      default:
        throw this.#unsupported(node, REFUSED_KINDS[kindOf(node)] ?? { message: 'This construct is not supported.' })
    }
  }

  refusal(node: AstNode, code: ExpressionIssueCode, { message, instead }: Refusal): ExpressionRefused {
    const { source } = this.options
    return new ExpressionRefused(issueAt(source, spanOf(source, node), { code, message, instead }))
  }

  #unsupported(node: AstNode, refusal: Refusal): ExpressionRefused {
    return this.refusal(node, 'expression_unsupported', refusal)
  }

  refuseDecoration(node: AstNode): void {
    const decoration = decorationOf(node)
    if (decoration === undefined) return
    throw this.#unsupported(node, REFUSED_DECORATIONS[decoration] ?? { message: 'This construct is not supported.' })
  }

  #binary(node: AstNode): ProgramNode {
    const operator = String(node.value)
    if (operator === 'and' || operator === 'or') {
      return [operator, ...this.#chain(node, operator).map((part) => this.lowerTest(part))]
    }
    const operation = OPERATIONS[operator]
    if (operation === undefined) {
      throw this.#unsupported(node, { message: `The operator "${operator}" is not supported.` })
    }
    const left = childOf(node, 'lhs')
    const right = childOf(node, 'rhs')
    if ((operator === '=' || operator === '!=') && readsCredential(this, left) && readsCredential(this, right)) {
      return [operation, lowerPath(this, left, 'redacted'), lowerPath(this, right, 'redacted')]
    }
    if (operator === '=' && this.options.kind === 'exemption' && readsCredential(this, left) && isKeyedHash(right)) {
      return [operation, lowerPath(this, left, 'redacted'), this.lower(right)]
    }
    const lowered = [this.lower(left), this.lower(right)]
    if (operator === '..' && isLargeRange(lowered)) throw this.#unsupported(node, LARGE_RANGE)
    return [operation, ...lowered]
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
    if (this.#scope.kind === 'record') return ['object', ...pairsOf(node).flatMap((pair) => this.#pair(node, pair))]
    throw this.#unsupported(node, {
      message: 'An object cannot be written out in a selection or a step of a path.',
      instead: 'a list: [a, b]',
    })
  }

  #pair(node: AstNode, pair: readonly AstNode[]): readonly ProgramNode[] {
    if (pair.length !== 2) throw this.#unsupported(node, { message: 'An object is made of names and values.' })
    return pair.map((part) => this.lower(part))
  }

  #condition(node: AstNode): ProgramNode {
    const parts = [this.lowerTest(childOf(node, 'condition')), this.lower(childOf(node, 'then'))]
    return node.else === undefined ? ['if', ...parts] : ['if', ...parts, this.lower(childOf(node, 'else'))]
  }

  #block(node: AstNode): ProgramNode {
    const expressions = childrenOf(node, 'expressions').map((expression) => this.lower(expression))
    const [only] = expressions
    if (only === undefined || expressions.length !== 1) return ['block', ...expressions]
    // Inside a list literal a parenthesised list is joined to it, where a bare one would be nested.
    return only[0] === 'list' || only[0] === 'filter' ? ['block', only] : only
  }
}

/** A text that has the form of the keyed hash which stands in events for a credential. */
function isKeyedHash(node: AstNode): boolean {
  return kindOf(node) === 'string' && typeof node.value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(node.value)
}

function isLargeRange(bounds: readonly ProgramNode[]): boolean {
  const [low, high] = bounds.map(([op, value]) => (op === 'lit' && typeof value === 'number' ? value : undefined))
  return low !== undefined && high !== undefined && high - low >= MOST_WORK
}
