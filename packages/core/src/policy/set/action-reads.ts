import type { CompiledProgram } from '../expression/compile.js'

interface KnownAction {
  readonly action: { readonly name: string }
  readonly reads: CompiledProgram['reads']
}

/**
 * The actions that a checked program asks for by name (`"login" in actions`): what it says depends on what they read. All
 * of `actions` when it uses their names in any other way.
 */
export function actionsAskedFor<Action extends KnownAction>(
  node: unknown,
  actions: readonly Action[],
): readonly Action[] {
  const names = namesAskedFor(node)
  return names === 'all' ? actions : actions.filter(({ action }) => names.has(action.name))
}

function namesAskedFor(node: unknown): ReadonlySet<string> | 'all' {
  if (!Array.isArray(node)) return NONE
  const [op, ...operands]: readonly unknown[] = node
  if (op === 'lit') return NONE
  if (op === 'path') return isActions(node) ? 'all' : NONE
  if (op === 'name' && operands[0] === 'actions') return 'all'
  const name = op === 'in' && isActions(operands[1]) ? textOf(operands[0]) : undefined
  if (name !== undefined) return new Set([name])
  const found = new Set<string>()
  for (const operand of operands) {
    const names = namesAskedFor(operand)
    if (names === 'all') return 'all'
    for (const each of names) found.add(each)
  }
  return found
}

const NONE: ReadonlySet<string> = new Set()

function isActions(node: unknown): boolean {
  return Array.isArray(node) && node[0] === 'path' && node[1] === 'actions'
}

function textOf(node: unknown): string | undefined {
  return Array.isArray(node) && node[0] === 'lit' && typeof node[1] === 'string' ? node[1] : undefined
}
