import { z } from 'zod'

/** What the expression is for: all three read the same fields. */
export const EXPRESSION_KINDS = ['action', 'policy', 'match'] as const

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
export type FunctionRecord = z.output<typeof functionRecord>
export type ExpressionIssueRecord = z.output<typeof expressionIssue>
