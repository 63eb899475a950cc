import { z } from 'zod'

/** What the expression is for: all of them read the same fields, but an action no `actions` and an exemption no response. */
export const EXPRESSION_KINDS = ['action', 'policy', 'match', 'exemption'] as const

export const expressionCheckInput = z.strictObject({
  expression: z.string().max(65_536, 'must be at most 65,536 characters'),
  kind: z.enum(EXPRESSION_KINDS).default('policy'),
})

export const expressionIssue = z.object({
  code: z.string(),
  message: z.string(),
  line: z.number(),
  column: z.number(),
  length: z.number().optional(),
  /** What to write instead. */
  instead: z.string().optional(),
})

export const expressionCheck = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), fields: z.array(z.string()), warnings: z.array(expressionIssue) }),
  z.object({ ok: z.literal(false), errors: z.array(expressionIssue) }),
])

export const expressionEvalInput = z.strictObject({
  expression: expressionCheckInput.shape.expression,
  kind: expressionCheckInput.shape.kind,
  /** The record: an event's fields, or any other JSON value; absent, every field is missing. */
  input: z.unknown().optional(),
})

export const expressionEvaluation = z.discriminatedUnion('ok', [
  /** `value` is absent when the answer is missing. */
  z.object({ ok: z.literal(true), value: z.unknown().optional() }),
  z.object({
    ok: z.literal(false),
    /** `save`: the expression is refused; `run`: it gives an error for this record. */
    stage: z.enum(['save', 'run']),
    code: z.string(),
    message: z.string(),
    line: z.number().optional(),
    column: z.number().optional(),
    instead: z.string().optional(),
  }),
])

/** A function of the language. */
export const functionRecord = z.object({
  /** How it is written, with its parameters: `$contains(text, sought)`. */
  form: z.string(),
  meaning: z.string(),
  /** An expression that shows it. */
  example: z.string(),
})

export type ExpressionKind = (typeof EXPRESSION_KINDS)[number]
export type ExpressionCheckInput = z.input<typeof expressionCheckInput>
export type ExpressionCheck = z.output<typeof expressionCheck>
export type ExpressionEvalInput = z.input<typeof expressionEvalInput>
export type ExpressionEvaluation = z.output<typeof expressionEvaluation>
export type FunctionRecord = z.output<typeof functionRecord>
export type ExpressionIssueRecord = z.output<typeof expressionIssue>
