import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { isRecord } from '@esper/core'
import { type Evaluation, type Evaluator, TOO_DEEP } from '../../expressions/index.js'
import { type Line, LineSplitter } from '../../lines/split-lines.js'

/** Longest line: far more than an expression and an event ever are. */
const MAX_LINE_BYTES = 8_388_608

export interface EvaluateLinesOptions {
  readonly evaluator: Evaluator
  readonly from: Readable
  readonly to: Writable
}

/**
 * Answers each line `{"expression", "input"}` with one line, in order. A bad line gets an answer as well. Reads no
 * faster than its answers are taken.
 */
export async function evaluateLines({ evaluator, from, to }: EvaluateLinesOptions): Promise<void> {
  const splitter = new LineSplitter(MAX_LINE_BYTES)
  const answer = async (lines: Iterable<Line>) => {
    let text = ''
    for (const line of lines) text += `${answerText(answerLine(line, evaluator))}\n`
    if (text !== '' && !to.write(text)) await once(to, 'drain')
  }
  for await (const piece of from) await answer(splitter.add(Buffer.from(piece)))
  await answer(splitter.end())
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

function answerLine(line: Line, evaluator: Evaluator): Evaluation {
  if ('tooLong' in line) return refused('line_too_long', `The line has more than ${MAX_LINE_BYTES} bytes.`)
  let content: unknown
  try {
    content = JSON.parse(UTF8.decode(line.bytes))
  } catch {
    return refused('line_not_json', 'The line is not JSON.')
  }
  if (!isRecord(content) || typeof content.expression !== 'string') {
    return refused('line_malformed', 'The line is not an object with an "expression" that is text, and an "input".')
  }
  return evaluator.evaluate(content.expression, content.input)
}

function refused(code: string, message: string): Evaluation {
  return { ok: false, stage: 'save', code, message }
}

function answerText(evaluation: Evaluation): string {
  try {
    return JSON.stringify(evaluation)
  } catch {
    // Only the stack can end here: the value came from JSON, and is nested as deep as it was.
    return JSON.stringify(TOO_DEEP)
  }
}
