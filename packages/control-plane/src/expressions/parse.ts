import { isRecord, LIMITS } from '@esper/core'
import jsonata from 'jsonata'
import type { AstNode } from './ast.js'
import { ExpressionRefused, issueAt, type Span } from './issue.js'

/** Parses an expression within the budgets of source length and nesting. Throws `ExpressionRefused` with the position. */
export function parseExpression(source: string): AstNode {
  checkBudgets(source)
  try {
    const ast: unknown = jsonata(source).ast()
    if (isRecord(ast)) return ast
  } catch (error) {
    throw refusalOf(source, error)
  }
  throw new TypeError('jsonata gave no syntax tree.')
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
  const tooDeep = deeperThan(source, LIMITS.expressionDepth)
  if (tooDeep !== undefined) throw depthRefusal(source, tooDeep)
}

function depthRefusal(source: string, at: number): ExpressionRefused {
  const message = `Parentheses are nested deeper than ${LIMITS.expressionDepth}.`
  return new ExpressionRefused(issueAt(source, { start: at, end: at + 1 }, { code: 'expression_too_deep', message }))
}

/** Where brackets first nest deeper than `most`, texts left out: the parser recurses, so this is looked at before it. */
function deeperThan(source: string, most: number): number | undefined {
  let depth = 0
  let quote = ''
  for (let at = 0; at < source.length; at++) {
    const letter = source.charAt(at)
    if (letter === '\\') at += 1
    else if (quote !== '') quote = letter === quote ? '' : quote
    else if ('"\'`'.includes(letter)) quote = letter
    else if ('([{'.includes(letter)) depth += 1
    else if (')]}'.includes(letter)) depth -= 1
    if (depth > most) return at
  }
  return undefined
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
