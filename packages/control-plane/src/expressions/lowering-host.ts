import type { ProgramNode } from '@esper/core'
import type { AstNode } from './ast.js'
import type { ExpressionIssue, ExpressionIssueCode, ExpressionRefused } from './issue.js'
import type { Refusal } from './language/left-out.js'
import type { ListIds, NamedList } from './lower-list.js'
import type { Scope } from './scope.js'

export interface LowerOptions {
  readonly source: string
  readonly clearCookies: readonly string[]
  /** Where the expression stands: not every field is known everywhere. */
  readonly kind: 'action' | 'policy' | 'match' | 'exemption'
  readonly lists: ListIds
  /** Whether it is tried on a record that is a list, where names go through the list. */
  readonly ofList: boolean
}

/** A path that an expression reads, with the node it stands at. */
export interface ReadPath {
  readonly path: readonly string[]
  readonly node: AstNode
}

/** What lowering one kind of construct needs of the whole. */
export interface LoweringHost {
  readonly options: LowerOptions
  readonly scope: Scope
  readonly reads: ReadPath[]
  readonly warnings: ExpressionIssue[]
  readonly lists: NamedList[]
  lower(node: AstNode): ProgramNode
  /** Lowers what is only asked whether it holds. There `$match` may stand, whose answer is otherwise a list of matches. */
  lowerTest(node: AstNode): ProgramNode
  /** Lowers what stands in a selection or step of a path, where `$` is an item that these names lead to. */
  within(base: readonly string[], lower: () => ProgramNode): ProgramNode
  refuseDecoration(node: AstNode): void
  refusal(node: AstNode, code: ExpressionIssueCode, refusal: Refusal): ExpressionRefused
}
