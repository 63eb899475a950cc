import type { ClauseAnswer, ClauseRead, ClauseRecord } from '../../api/types.js'
import { Code } from '../expression/code.js'
import { StateMark, type StepState } from './state-mark.js'
import './explanation.css'

const JOINED: Readonly<Record<Exclude<ClauseRecord['kind'], 'condition'>, string>> = {
  and: 'All of these',
  or: 'One of these',
  not: 'Not this',
  if: 'The first decides which of the others counts',
}

/** The conditions of an expression, with what each gave and what it read. */
export function ClauseTree({ clause }: { clause: ClauseRecord }) {
  return (
    <ul class="clauses" aria-label="Conditions">
      <ClauseItem clause={clause} />
    </ul>
  )
}

function ClauseItem({ clause }: { clause: ClauseRecord }) {
  const state = stateOf(clause)
  const decides = clause.decided && clause.kind === 'condition'
  return (
    <li class={`clause${decides ? ' clause-decides' : ''}${clause.reached ? '' : ' clause-unreached'}`}>
      <div class="clause-line">
        <StateMark state={state} />
        <div class="clause-body">
          {clause.kind === 'condition' ? <Code source={clause.source} /> : <span>{JOINED[clause.kind]}</span>}
          <Values clause={clause} />
        </div>
        <span class="clause-word">{wordOf(clause)}</span>
      </div>
      {clause.clauses.length > 0 && (
        <ul class="clauses">
          {clause.clauses.map((inner, index) => (
            <ClauseItem key={`${index} ${inner.source}`} clause={inner} />
          ))}
        </ul>
      )}
    </li>
  )
}

function stateOf({ reached, answer, holds, reads }: ClauseRecord): StepState {
  if (!reached || reads.some((read) => !read.captured)) return 'unknown'
  if (!answer.ok) return 'error'
  return holds ? 'yes' : 'no'
}

function wordOf({ reached, answer, holds, reads }: ClauseRecord): string {
  if (!reached) return 'not reached'
  if (reads.some((read) => !read.captured)) return 'unknown'
  if (!answer.ok) return `error ${answer.code}`
  return holds ? 'true' : 'false'
}

function Values({ clause: { reads, operands, answer } }: { clause: ClauseRecord }) {
  if (reads.length === 0 && operands.length === 0 && answer.ok) return null
  return (
    <dl class="clause-values">
      {reads.map((read) => (
        <div key={read.field}>
          <dt>{read.field}</dt>
          <dd>
            <ReadValue read={read} />
          </dd>
        </div>
      ))}
      {operands.map((operand) => (
        <div key={operand.source}>
          <dt>{operand.source}</dt>
          <dd>
            <AnswerValue answer={operand.answer} />
          </dd>
        </div>
      ))}
      {!answer.ok && (
        <div>
          <dt>error</dt>
          <dd>{answer.message}</dd>
        </div>
      )}
    </dl>
  )
}

function ReadValue({ read }: { read: ClauseRead }) {
  if (!read.captured) return <em>not captured</em>
  if (read.redacted) return <em>redacted</em>
  return read.missing ? <em>missing</em> : <Value value={read.value} />
}

function AnswerValue({ answer }: { answer: ClauseAnswer }) {
  if (!answer.ok) return <em>error {answer.code}</em>
  if (answer.redacted) return <em>redacted</em>
  return answer.value === undefined ? <em>missing</em> : <Value value={answer.value} />
}

const SHOWN_CHARACTERS = 160

/** A value as JSON writes it, cut where it is long; the whole of it on hover. */
export function Value({ value }: { value: unknown }) {
  const text = JSON.stringify(value) ?? ''
  if (text.length <= SHOWN_CHARACTERS) return <code>{text}</code>
  return <code title={text}>{text.slice(0, SHOWN_CHARACTERS - 1)}…</code>
}
