/** What both commands are told. */
export interface ExpressionFlags {
  readonly kind: 'action' | 'policy' | 'match'
  readonly clearCookie: readonly string[]
  readonly json: boolean
}

export interface EvalFlags extends ExpressionFlags {
  readonly fields?: string
  readonly stdin: boolean
}
