import { type Token, type TokenKind, tokenize } from './tokens.js'

export interface Position {
  /** 1-based. */
  readonly line: number
  /** 1-based. */
  readonly column: number
  readonly length?: number | undefined
}

export interface Range {
  readonly start: number
  readonly end: number
}

/** Offset of a line and column; past the end of a line is its end, past the last line the end of the text. */
export function offsetOf(source: string, { line, column }: Position): number {
  const lines = source.split('\n')
  if (line > lines.length) return source.length
  const before = lines.slice(0, Math.max(0, line - 1)).reduce((sum, text) => sum + text.length + 1, 0)
  return before + Math.min(Math.max(0, column - 1), lines[line - 1]?.length ?? 0)
}

/** What to underline for a position: as long as the API says, else the piece that stands there, else one character. */
export function underlineOf(source: string, position: Position): Range {
  const start = offsetOf(source, position)
  if (start >= source.length) return { start: Math.max(0, source.length - 1), end: source.length }
  if (position.length !== undefined && position.length > 0) {
    return { start, end: Math.min(source.length, start + position.length) }
  }
  const token = tokenize(source).find((piece) => piece.start <= start && start < piece.end)
  return { start, end: token && token.kind !== 'text' ? token.end : start + 1 }
}

export interface Piece {
  readonly text: string
  readonly kind: TokenKind
  readonly marked: boolean
}

function cut(source: string, token: Token, marks: readonly Range[]): Piece[] {
  const edges = new Set([token.start, token.end])
  for (const mark of marks) {
    if (mark.start > token.start && mark.start < token.end) edges.add(mark.start)
    if (mark.end > token.start && mark.end < token.end) edges.add(mark.end)
  }
  const sorted = [...edges].sort((a, b) => a - b)
  return sorted.slice(1).map((end, index) => {
    const start = sorted[index] ?? token.start
    const marked = marks.some((mark) => mark.start < end && mark.end > start)
    return { text: source.slice(start, end), kind: token.kind, marked }
  })
}

/** An expression in pieces of one colour each, with what is underlined marked. */
export function paint(source: string, positions: readonly Position[]): readonly Piece[] {
  const marks = source === '' ? [] : positions.map((position) => underlineOf(source, position))
  return tokenize(source).flatMap((token) => cut(source, token, marks))
}
