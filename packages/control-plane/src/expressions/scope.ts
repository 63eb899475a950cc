import { type AstNode, childrenOf, kindOf } from './ast.js'

/** What `$` and a name mean where an expression stands: the record, or the item of a selection or step of a path. */
export type Scope = { readonly kind: 'record' } | ItemScope

export interface ItemScope {
  readonly kind: 'item'
  /** Names that lead from the record to the item. */
  readonly base: readonly string[]
  /** Whether the item is the record itself: so where an expression is tried on a record that is a list. */
  readonly isRecord: boolean
  /** Whether the record is a list, so that `$$` reads no fields. */
  readonly ofList: boolean
}

export const RECORD_SCOPE: Scope = { kind: 'record' }
/** Where an expression stands that is tried on a list. */
export const LIST_SCOPE: Scope = { kind: 'item', base: [], isRecord: true, ofList: true }

/** Where what an expression gives is taken to come from. */
export const UNKNOWN_BASE: readonly string[] = ['body']

/** The scope inside a selection or step whose items these names lead to. */
export function itemScope(outer: Scope, base: readonly string[]): ItemScope {
  return { kind: 'item', base, isRecord: false, ofList: outer.kind === 'item' && outer.ofList }
}

/** A path taken apart: what its steps start from, and the steps. */
export interface PathParts {
  readonly start: 'record' | 'item' | 'whole' | 'expression'
  /** Names that lead from the record to where the steps start. */
  readonly base: readonly string[]
  readonly steps: readonly AstNode[]
}

/** Whether a node is `$` or `$$`, without a selection. */
function isRoot(node: AstNode | undefined, name: '' | '$'): boolean {
  return node !== undefined && kindOf(node) === 'variable' && node.value === name && node.predicate === undefined
}

/** Takes a path apart. The steps of one that starts with an expression include it, as jsonata has it. */
export function pathParts(node: AstNode, scope: Scope): PathParts {
  const all = childrenOf(node, 'steps')
  const [first] = all
  const base = scope.kind === 'item' ? scope.base : []
  const isAbsolute = isRoot(first, '$')
  const isRooted = isAbsolute || isRoot(first, '')
  if (!isRooted && (first === undefined || nameOf(first) === undefined))
    return { start: 'expression', base, steps: all }
  const steps = isRooted ? all.slice(1) : all
  if (scope.kind === 'record') return { start: 'record', base, steps }
  if (isAbsolute) return { start: scope.ofList ? 'whole' : 'record', base: [], steps }
  return { start: isRooted && scope.isRecord ? 'whole' : 'item', base, steps }
}

/** Names that lead from the record to what a path gives; `undefined` when a step of it is no name. */
export function namesOfPath({ base, steps }: PathParts): readonly string[] | undefined {
  const names = steps.map(nameOf).filter((name) => name !== undefined)
  return names.length === steps.length ? [...base, ...names] : undefined
}

/** The name that a step of a path is. The first step of `"a"[0].b` is none: it is refused. */
export function nameOf(step: AstNode): string | undefined {
  const isName = kindOf(step) === 'name' && step.predicate === undefined
  return isName && typeof step.value === 'string' ? step.value : undefined
}

/** The selections of a step or of any other node. */
export function selectionsOf(node: AstNode): readonly AstNode[] {
  return [...childrenOf(node, 'stages'), ...childrenOf(node, 'predicate')]
}
