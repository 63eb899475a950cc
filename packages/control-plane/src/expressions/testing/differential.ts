import { prepareExpression, truthy } from '@esper/core'
import jsonata from 'jsonata'
import { lowerExpression } from '../lower-expression.js'
import { ExpressionGenerator } from './expression-generator.js'
import { oracleOf } from './oracle.js'

/** What an expression gives, as text that says it whole: value, truth and error. */
export interface Disagreement {
  readonly source: string
  readonly record: unknown
  readonly given: string
  readonly wanted: string
}

export interface Comparisons {
  readonly compared: number
  /** Of them those where jsonata gives an error. */
  readonly errors: number
  /** Cases where jsonata breaks down with an error of JavaScript's. */
  readonly unanswered: number
  readonly disagreements: readonly Disagreement[]
}

const RECORDS_EACH = 20
/** The share of expressions that are tried on lists as well. */
const LISTS_EVERY = 5

/** Compares generated expressions on generated records with jsonata itself, the same ones for the same seed. */
export async function compareWithOracle(comparisons: number, seed: number): Promise<Comparisons> {
  // jsonata notes the stack of each error, which takes longer than all the rest.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return await compare(comparisons, seed)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

async function compare(comparisons: number, seed: number): Promise<Comparisons> {
  const generator = new ExpressionGenerator(seed)
  const disagreements: Disagreement[] = []
  let compared = 0
  let errors = 0
  let unanswered = 0
  for (let index = 0; compared < comparisons; index++) {
    const source = generator.expression()
    const oracle = oracleOf(source)
    const onLists = index % LISTS_EVERY === 0
    const evaluators = {
      record: evaluatorOf(source, false),
      // On a list no object may be written out: the language is made for events.
      list: onLists && lowerExpression(source, { ofList: true }).ok ? evaluatorOf(source, true) : undefined,
    }
    for (let time = 0; time < RECORDS_EACH; time++) {
      const isList = evaluators.list !== undefined && time % 2 === 0
      const record = isList ? generator.anyRecord() : generator.record()
      const ours = Array.isArray(record) ? evaluators.list : evaluators.record
      const wanted = await oracleAnswer(oracle, record)
      if (wanted === undefined || ours === undefined) unanswered += 1
      if (wanted === undefined || ours === undefined) continue
      compared += 1
      if (wanted.startsWith('error')) errors += 1
      const given = ours(record)
      if (given !== wanted) disagreements.push({ source, record, given, wanted })
    }
  }
  return { compared, errors, unanswered, disagreements }
}

/** Our answer to an expression, as text. */
export function evaluatorOf(source: string, ofList: boolean): (record: unknown) => string {
  const lowered = lowerExpression(source, { ofList })
  if (!lowered.ok) throw new Error(`${source}: ${JSON.stringify(lowered.errors)}`)
  const prepared = prepareExpression(lowered.program)
  if (!prepared.ok) throw new Error(`${source}: ${prepared.problem.message}`)
  const { expression } = prepared
  return (record) => {
    const answer = expression.evaluate(record)
    const holds = expression.holds(record)
    if (!answer.ok) return holds ? 'an error that holds' : `error ${answer.code}`
    return holds === (truthy(answer.value) === true) ? told(answer.value) : 'an answer that holds and does not'
  }
}

const TRUTH = jsonata('value ? true : false')
const seenTruths = new Map<string, boolean>()
const MOST_SEEN = 20_000

/** jsonata's answer, as text; `undefined` where jsonata itself breaks down, with an error that has no code. */
export async function oracleAnswer(oracle: jsonata.Expression, record: unknown): Promise<string | undefined> {
  try {
    const value: unknown = await oracle.evaluate(record)
    const text = told(value)
    return (await countsAsTrue(value, text)) === (truthy(value) === true) ? text : `${text}, whose truth is another`
  } catch (error) {
    const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined
    return typeof code === 'string' ? `error ${code}` : undefined
  }
}

/** Whether jsonata takes a value for true; asked once for each value. */
async function countsAsTrue(value: unknown, text: string): Promise<boolean> {
  const seen = seenTruths.get(text)
  if (seen !== undefined) return seen
  const isTrue =
    typeof value === 'number' && !Number.isFinite(value) ? false : (await TRUTH.evaluate({ value })) === true
  if (seenTruths.size >= MOST_SEEN) seenTruths.clear()
  seenTruths.set(text, isTrue)
  return isTrue
}

/** A value as text, with what JSON leaves out. */
export function told(value: unknown): string {
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return `[${value.map(told).join(',')}]`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, item]) => `${JSON.stringify(name)}:${told(item)}`)
    .join(',')}}`
}
