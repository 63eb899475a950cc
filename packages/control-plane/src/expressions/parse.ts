import { isRecord, LIMITS } from '@esper/core'
import jsonata from 'jsonata'
import { type AstNode, plainTree } from './ast.js'
import { ExpressionRefused, issueAt, type Span } from './issue.js'

/** Parses an expression within the budgets of source length and nesting. Throws `ExpressionRefused` with the position. */
export function parseExpression(source: string): AstNode {
  checkBudgets(source)
  try {
    const ast = plainTree(treeOf(source))
    if (isRecord(ast)) return ast
  } catch (error) {
    throw refusalOf(source, error)
  }
  throw new TypeError('jsonata gave no syntax tree.')
}

/**
 * jsonata's parser alone: together with what an evaluation would need, which nothing here wants, parsing takes half as long
 * again. It is not in jsonata's typings, so where it is missing the whole is asked.
 */
function treeOf(source: string): unknown {
  const parser: unknown = Reflect.get(jsonata, 'parser')
  if (typeof parser !== 'function') return jsonata(source).ast()
  try {
    return parser(source)
  } catch {
    // Only the whole puts an error in words.
    return jsonata(source).ast()
  }
}

const WHOLE = (source: string): Span => ({ start: 0, end: source.length })

function checkBudgets(source: string): void {
  if (source.trim() === '') {
    const message = 'The expression is empty.'
    throw new ExpressionRefused(issueAt(source, WHOLE(source), { code: 'expression_empty', message, instead: 'true' }))
  }
  const bytes = Buffer.byteLength(source)
  if (bytes > LIMITS.expressionBytes) {
    const message = `The expression has ${bytes} bytes; at most ${LIMITS.expressionBytes} are possible.`
    const instead = 'Put a part of it into an action, and name the action in the policy.'
    throw new ExpressionRefused(issueAt(source, WHOLE(source), { code: 'expression_too_long', message, instead }))
  }
  const { tooDeep, defaults } = nestingOf(source)
  if (tooDeep !== undefined) throw depthRefusal(source, tooDeep)
  if (defaults !== undefined) throw defaultsRefusal(source, defaults)
}

function defaultsRefusal(source: string, at: number): ExpressionRefused {
  const message = `"??" and "?:" stand at more than ${MOST_DEFAULT_LEVELS} levels of parentheses.`
  const instead = 'a ?? b ?? c, without parentheses'
  return new ExpressionRefused(
    issueAt(source, { start: at, end: at + 2 }, { code: 'expression_too_deep', message, instead }),
  )
}

function depthRefusal(source: string, at: number): ExpressionRefused {
  const message = `Parentheses are nested deeper than ${LIMITS.expressionDepth}.`
  return new ExpressionRefused(issueAt(source, { start: at, end: at + 1 }, { code: 'expression_too_deep', message }))
}

/** What stands left of "??" or "?:" is twice in jsonata's tree, so each level of parentheses doubles the tree. */
const MOST_DEFAULT_LEVELS = 4

interface Nesting {
  /** Where brackets first nest deeper than they may. */
  readonly tooDeep?: number
  /** Where a default first stands at one level of brackets too many. */
  readonly defaults?: number
}

/** Looks at the brackets before the parser does, which recurses; texts are left out. */
function nestingOf(source: string): Nesting {
  let depth = 0
  let quote = ''
  const levels = new Set<number>()
  for (let at = 0; at < source.length; at++) {
    const letter = source.charAt(at)
    if (letter === '\\') at += 1
    else if (quote !== '') quote = letter === quote ? '' : quote
    else if (letter === '"' || letter === "'" || letter === '`') quote = letter
    else if (letter === '(' || letter === '[' || letter === '{') depth += 1
    else if (letter === ')' || letter === ']' || letter === '}') depth -= 1
    else if (letter === '?' && isDefault(source, at)) levels.add(depth)
    if (depth > LIMITS.expressionDepth) return { tooDeep: at }
    if (levels.size > MOST_DEFAULT_LEVELS) return { defaults: at }
  }
  return {}
}

/** Whether "??" or "?:" begins here; right after a bracket it is part of a pattern. */
function isDefault(source: string, at: number): boolean {
  const next = source.charAt(at + 1)
  return (next === '?' || next === ':') && source.charAt(at - 1) !== '('
}

/** jsonata throws plain objects with a code, the end of the offending token, and its text. */
function refusalOf(source: string, error: unknown): ExpressionRefused {
  if (error instanceof RangeError) return depthRefusal(source, 0)
  if (error instanceof SyntaxError) return patternRefusal(source, error)
  if (!isRecord(error) || typeof error.code !== 'string') throw error
  const end = typeof error.position === 'number' ? error.position : source.length
  const token = typeof error.token === 'string' ? error.token : ''
  const start = token !== '' && source.endsWith(token, end) ? end - token.length : Math.max(0, end - 1)
  const message = typeof error.message === 'string' ? sentence(error.message) : 'The expression is not complete.'
  const instead = suggestionFor(source, token)
  return new ExpressionRefused(issueAt(source, { start, end }, { code: 'expression_syntax', message, instead }))
}

function patternRefusal(source: string, error: SyntaxError): ExpressionRefused {
  const start = source.indexOf('/')
  const message = sentence(error.message)
  return new ExpressionRefused(issueAt(source, { start, end: source.length }, { code: 'pattern_unsupported', message }))
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

const FOREIGN_OPERATORS: ReadonlyMap<string, string> = new Map([
  ['&', 'and'],
  ['|', 'or'],
  ['=', '='],
  ['!', '$not(…), or != for "not equal"'],
])

/** What people write who come from other languages. */
function suggestionFor(source: string, token: string): string | undefined {
  if (/(^|[^=!<>:])==/.test(source) && token === '=') return 'a = b, with one equals sign'
  const instead = FOREIGN_OPERATORS.get(token)
  return instead === undefined || token === '=' ? undefined : instead
}
