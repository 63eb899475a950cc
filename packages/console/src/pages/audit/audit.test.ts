import { describe, expect, it } from 'vitest'
import { diff } from './diff.js'
import { actionText, resourceName } from './wording.js'

describe('diff', () => {
  it('puts what changed first and leaves out bookkeeping', () => {
    const rows = diff(
      { name: 'a', mode: 'Monitor', updated_at: '1' },
      { name: 'a', mode: 'Block', response: { status: 429 }, updated_at: '2' },
    )
    expect(rows).toEqual([
      { path: 'mode', before: 'Monitor', after: 'Block', changed: true },
      { path: 'response', before: undefined, after: '{"status":429}', changed: true },
      { path: 'name', before: 'a', after: 'a', changed: false },
    ])
  })

  it('shows all of what was created or deleted', () => {
    expect(diff(null, { name: 'a' })).toEqual([{ path: 'name', before: undefined, after: 'a', changed: true }])
    expect(diff({ name: 'a' }, null)).toEqual([{ path: 'name', before: 'a', after: undefined, changed: true }])
    expect(diff(null, null)).toEqual([])
  })
})

describe('wording', () => {
  it('says an action in words', () => {
    expect(actionText('entity_definition.update')).toBe('Changed entity definition')
    expect(actionText('policy.delete.refused')).toBe('Refused: Deleted policy')
    expect(actionText('session.sign_in')).toBe('Session sign_in')
  })

  it('names what it is about, or its id', () => {
    expect(resourceName({ before: null, after: { name: 'login' }, resource_id: 'act_1' })).toBe('login')
    expect(resourceName({ before: { name: 'old' }, after: null, resource_id: 'act_1' })).toBe('old')
    expect(resourceName({ before: null, after: null, resource_id: 'act_1' })).toBe('act_1')
  })
})
