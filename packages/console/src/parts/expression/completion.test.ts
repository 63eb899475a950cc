import { describe, expect, it } from 'vitest'
import type { FieldRecord } from '../../api/types.js'
import { complete, completionsFor, prefixAt } from './completion.js'

const field = (name: string): FieldRecord => ({
  name,
  type: 'string',
  meaning: '',
  example: '',
  redacted: 'never',
  responseOnly: false,
})
const FIELDS = [field('request_path'), field('request_method'), field('referer'), field('user_agent')]
const FUNCTIONS = ['$contains(text, sought)', '$count(list)'].map((form) => ({ form, meaning: '', example: '' }))
const inserts = (prefix: string) =>
  completionsFor(prefix, { fields: FIELDS, functions: FUNCTIONS }).map((one) => one.insert)

describe('completion', () => {
  it('offers fields that begin with what is typed, then those that hold it', () => {
    expect(inserts('re')).toEqual(['request_path', 'request_method', 'referer'])
    expect(inserts('agent')).toEqual(['user_agent'])
  })

  it('offers functions after a dollar sign', () => {
    expect(inserts('$con')).toEqual(['$contains('])
  })

  it('offers nothing for nothing, nor what is typed already', () => {
    expect(inserts('')).toEqual([])
    expect(inserts('referer')).toEqual([])
  })

  it('offers nothing inside a text', () => {
    expect(prefixAt('a = "req', 8)).toBe('')
    expect(prefixAt('a = "x" and req', 15)).toBe('req')
  })

  it('replaces what was typed and leaves the caret behind it', () => {
    const completion = { insert: 'request_path', label: '', note: '' }
    expect(complete('re = 1', 2, completion)).toEqual({ text: 'request_path = 1', caret: 12 })
  })
})
