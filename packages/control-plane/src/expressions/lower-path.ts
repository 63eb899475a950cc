import { isRedactedPath, isResponseField, type ProgramNode } from '@esper/core'
import { type AstNode, childOf, decorationOf, kindOf } from './ast.js'
import type { Refusal } from './language/left-out.js'
import type { LoweringHost } from './lowering-host.js'
import { nameOf, namesOfPath, pathParts, selectionsOf, UNKNOWN_BASE } from './scope.js'

/** What a path is read for: only some uses of a credential are allowed. */
export type Use = 'value' | 'redacted'

const WHOLE_RECORD: Refusal = { message: 'The record as a whole is not a value.', instead: 'the name of a field' }

const WRITTEN_OUT: Refusal = {
  message: 'A path does not go through a list or object that is written out.',
  instead: '[body.a.name, body.b.name]',
}

/** Lowers a path: of names, of names with selections, or with steps that are expressions. */
export function lowerPath(host: LoweringHost, node: AstNode, use: Use): ProgramNode {
  host.refuseDecoration(node)
  const parts = pathParts(node, host.scope)
  const { start, base, steps } = parts
  for (const step of steps) host.refuseDecoration(step)
  if (use === 'value') refuseCredential(host, node, namesOfPath(parts))
  if (start === 'record') noteField(host, node, steps)
  const names = steps.map((step) => (selectionsOf(step).length === 0 ? nameOf(step) : undefined))
  if ((start === 'record' || start === 'item') && !names.includes(undefined)) {
    return [start === 'record' ? 'path' : 'item', ...names]
  }
  const [first, ...rest] = steps
  if (start === 'expression' && host.scope.kind === 'record' && first !== undefined) {
    refuseWrittenOut(host, first)
    return ['steps', host.lower(first), ...lowerSteps(host, rest, { base: UNKNOWN_BASE, use })]
  }
  return ['steps', [start === 'expression' ? 'item' : start], ...lowerSteps(host, steps, { base, use })]
}

/** Lowers `$` or `$$` that stands by itself. */
export function lowerVariable(host: LoweringHost, node: AstNode): ProgramNode {
  const { scope } = host
  if (node.value !== '' && node.value !== '$') {
    const message = `There are no variables, so "$${String(node.value)}" means nothing.`
    const instead = 'a field without "$", or a function with arguments'
    throw host.refusal(node, 'expression_unsupported', { message, instead })
  }
  if (scope.kind === 'item' && (node.value === '$' ? scope.ofList : scope.isRecord)) return ['whole']
  if (scope.kind === 'record' || node.value === '$') throw host.refusal(node, 'expression_unsupported', WHOLE_RECORD)
  refuseCredential(host, node, scope.base)
  return ['item']
}

/** Lowers the selections of a node; `base` leads to what they select from. */
export function lowerSelections(host: LoweringHost, node: AstNode, base: readonly string[]): readonly ProgramNode[] {
  return selectionsOf(node).map((stage) => {
    const filter = childOf(stage, 'expr')
    if (kindOf(filter) === 'number') return ['lit', filter.value]
    const lowered = host.within(base, () => host.lowerTest(filter))
    // A number that is written so is a place; one that an expression gives is compared with each place.
    return lowered[0] === 'lit' ? ['block', lowered] : lowered
  })
}

function lowerSteps(
  host: LoweringHost,
  steps: readonly AstNode[],
  { base, use }: { readonly base: readonly string[]; readonly use: Use },
): readonly ProgramNode[] {
  let names = base
  return steps.map((step) => {
    const before = names
    const name = nameOf(step)
    names = name === undefined ? UNKNOWN_BASE : [...before, name]
    if (name !== undefined) {
      if (use === 'value') refuseCredential(host, step, names)
      return ['name', name, ...lowerSelections(host, step, names)]
    }
    refuseWrittenOut(host, step)
    const { stages, ...plain } = step
    return ['map', host.within(before, () => host.lower(plain)), ...lowerSelections(host, { stages }, names)]
  })
}

function refuseWrittenOut(host: LoweringHost, step: AstNode): void {
  if (kindOf(step) !== 'unary' || step.value === '-') return
  throw host.refusal(step, 'expression_unsupported', WRITTEN_OUT)
}

/** Notes what a path reads of the record: the names up to the first selection. */
function noteField(host: LoweringHost, node: AstNode, steps: readonly AstNode[]): void {
  const path: string[] = []
  for (const step of steps) {
    const name = nameOf(step)
    if (name === undefined) break
    path.push(name)
    if (selectionsOf(step).length > 0) break
  }
  if (path.length === 0) throw host.refusal(node, 'expression_unsupported', WHOLE_RECORD)
  if (path[0] === 'actions' && host.options.kind === 'action') {
    const message = 'An action cannot read "actions": they are what is being decided.'
    throw host.refusal(node, 'expression_field_unavailable', { message, instead: 'the condition of that action' })
  }
  if (isResponseField(path) && host.options.kind === 'exemption') {
    const message = `An exemption is looked at before there is a response, so it cannot read "${path.join('.')}".`
    throw host.refusal(node, 'expression_field_unavailable', { message, instead: 'what the request says' })
  }
  host.reads.push({ path, node })
}

function refuseCredential(host: LoweringHost, node: AstNode, path: readonly string[] | undefined): void {
  const { clearCookies, kind } = host.options
  if (path === undefined || !isRedactedPath(path, clearCookies)) return
  const message = `"${path.join('.')}" holds a credential and is there only as a keyed hash.`
  const other = kind === 'exemption' ? 'its hash as an event shows it, or with ' : ''
  const instead = `$exists(${path.join('.')}), or equality with ${other}another such field`
  throw host.refusal(node, 'expression_field_redacted', { message, instead })
}

/** Whether a node reads a credential and nothing else, so that it may stand where credentials may. */
export function readsCredential(host: LoweringHost, node: AstNode): boolean {
  if (kindOf(node) !== 'path' || decorationOf(node) !== undefined) return false
  const names = namesOfPath(pathParts(node, host.scope))
  return names !== undefined && isRedactedPath(names, host.options.clearCookies)
}
