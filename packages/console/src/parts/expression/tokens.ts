export type TokenKind = 'text' | 'string' | 'pattern' | 'number' | 'word' | 'function' | 'field'

/** A piece of an expression, for colouring: never for deciding whether it is right. */
export interface Token {
  readonly kind: TokenKind
  readonly start: number
  readonly end: number
}

const WORDS = new Set(['and', 'or', 'in', 'true', 'false', 'null'])
const SPACE = /\s+/y
const COMMENT = /\/\*[\s\S]*?(?:\*\/|$)/y
const STRING = /"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)/y
const PATTERN = /\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
const NUMBER = /\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y
const QUOTED_NAME = /`[^`]*(?:`|$)/y
const NAME = /\$?[A-Za-z_][\w]*/y

function match(pattern: RegExp, source: string, at: number): number {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0].length ?? 0
}

function kindOfName(name: string): TokenKind {
  if (name.startsWith('$')) return 'function'
  return WORDS.has(name) ? 'word' : 'field'
}

/** Whether a `/` here begins a pattern: it does unless a value stands before it. */
function mayBeginPattern(source: string, at: number): boolean {
  const before = source.slice(0, at).trimEnd()
  return before === '' || !/[\w)\]"'`]$/.test(before) || /\b(?:and|or|in)$/.test(before)
}

function next(source: string, at: number): { kind: TokenKind; length: number } {
  const blank = match(SPACE, source, at) || match(COMMENT, source, at)
  if (blank) return { kind: 'text', length: blank }
  const string = match(STRING, source, at)
  if (string) return { kind: 'string', length: string }
  const pattern = source[at] === '/' && mayBeginPattern(source, at) ? match(PATTERN, source, at) : 0
  if (pattern) return { kind: 'pattern', length: pattern }
  const number = match(NUMBER, source, at)
  if (number) return { kind: 'number', length: number }
  const quoted = match(QUOTED_NAME, source, at)
  if (quoted) return { kind: 'field', length: quoted }
  const name = match(NAME, source, at)
  if (name) return { kind: kindOfName(source.slice(at, at + name)), length: name }
  return { kind: 'text', length: 1 }
}

/** Cuts an expression, finished or not, into pieces that together are all of it. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < source.length) {
    const { kind, length } = next(source, at)
    tokens.push({ kind, start: at, end: at + length })
    at += length
  }
  return tokens
}
