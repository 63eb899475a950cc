import { describe, expect, it } from 'vitest'
import { clause, why } from '../../testing/explanations.js'
import { stepsOf, type Why } from './steps.js'

const lines = (parts: Partial<Why>) =>
  stepsOf(why(parts)).map(({ state, text, note }) => [state, text, note].filter(Boolean).join(' | '))

const entity = {
  ...{ entity_definition_id: 'ent_1', name: 'ip-session', clause: null },
  key_values: [
    { field: 'client_ip', value: '192.0.2.7', redacted: false },
    { field: 'cookies.session', value: null, redacted: true },
    { field: 'user_id', value: null, redacted: false },
  ],
}
const window = { seconds: 60, threshold: 5, distinct: null, n: 5 }

describe('the steps of a decision', () => {
  it('are told in the order in which it is made', () => {
    const actions = [{ action_id: 'act_1', name: 'login', matched: true, clause: null }]
    expect(lines({ actions, entity, window })).toEqual([
      'yes | Action login matched',
      'yes | Expression is true',
      'yes | Entity ip-session | 192.0.2.7 · cookies.session redacted · user_id missing',
      'yes | Seen 5 times in 60 seconds | threshold 5',
    ])
  })

  it('end where it was decided', () => {
    const actions = [{ action_id: 'act_1', name: 'login', matched: false, clause: clause('a = 1', { holds: false }) }]
    expect(lines({ reason: 'action', matched: false, actions, entity, window })).toEqual([
      'no | Action login did not match',
      'yes | Expression is true',
    ])
    const no = clause('a = 1', { holds: false })
    expect(lines({ reason: 'expression', matched: false, clause: no, entity, window })).toEqual([
      'no | Expression is not true',
    ])
    expect(lines({ reason: 'entity_match', matched: false, entity, window }).slice(1)).toEqual([
      'no | Entity ip-session does not apply | 192.0.2.7 · cookies.session redacted · user_id missing',
    ])
  })

  it('count below the threshold, different values, and what was not kept', () => {
    const last = (parts: Partial<Why>) => lines(parts).at(-1)
    expect(last({ reason: 'below_threshold', window: { ...window, n: 1 } })).toBe(
      'no | Seen 1 time in 60 seconds | threshold 5',
    )
    expect(last({ window: { ...window, distinct: 'user_id' } })).toBe(
      'yes | Seen 5 different user_id in 60 seconds | threshold 5',
    )
    expect(last({ reason: 'count_unknown', window: { ...window, n: null } })).toBe(
      'unknown | How often in 60 seconds was not kept | threshold 5',
    )
    expect(last({ reason: 'distinct_missing', window: { ...window, distinct: 'user_id', n: null } })).toBe(
      'no | Nothing to count: user_id is missing | threshold 5',
    )
  })

  it('say what is unknown, and what errs', () => {
    expect(lines({ reason: 'not_captured', matched: false, not_captured: ['body.x', 'query.y'] })).toEqual([
      'unknown | Not captured: body.x, query.y',
      'unknown | Nobody can tell whether its expression is true',
    ])
    const failed = clause('a > 1', { holds: false, answer: { ok: false, code: 'T2009', message: 'No.' } })
    expect(lines({ reason: 'expression_error', matched: false, clause: failed })).toEqual([
      'error | Its expression gives an error | T2009',
    ])
    expect(lines({ reason: 'not_in_force', matched: false })).toEqual([])
  })
})
