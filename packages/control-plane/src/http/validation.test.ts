import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { DomainError } from './problem.js'
import { validate } from './validation.js'

const schema = z.strictObject({
  name: z.string().min(1, 'must not be empty'),
  mode: z.enum(['Monitor', 'Block']),
  window: z.strictObject({ seconds: z.int() }).optional(),
  tags: z.array(z.string()).max(2).optional(),
})

function errorsOf(value: unknown) {
  try {
    validate(schema, value)
  } catch (error) {
    if (error instanceof DomainError) return error.errors
    throw error
  }
  return []
}

describe('validate', () => {
  it('returns what fits', () => {
    expect(validate(schema, { name: 'a', mode: 'Block' })).toEqual({ name: 'a', mode: 'Block' })
  })

  it('tells a missing field from one of the wrong type', () => {
    expect(errorsOf({ name: { $ne: null } })).toEqual([
      { path: 'name', code: 'invalid_type', message: 'must be text' },
      { path: 'mode', code: 'required', message: 'is required' },
    ])
  })

  it('names the values that are possible', () => {
    expect(errorsOf({ name: 'a', mode: 'block' })).toEqual([
      { path: 'mode', code: 'invalid_value', message: 'must be one of "Monitor", "Block"' },
    ])
  })

  it('names each unknown field by its path', () => {
    expect(errorsOf({ name: 'a', mode: 'Block', tenant_id: 'x', window: { seconds: 1, $gt: 0 } })).toEqual([
      { path: 'window.$gt', code: 'unknown_field', message: 'is not a field of this resource' },
      { path: 'tenant_id', code: 'unknown_field', message: 'is not a field of this resource' },
    ])
  })

  it('says how much is too much', () => {
    expect(errorsOf({ name: '', mode: 'Block', tags: ['a', 'b', 'c'] })).toEqual([
      { path: 'name', code: 'too_small', message: 'must not be empty' },
      { path: 'tags', code: 'too_big', message: 'must be at most 2 entries' },
    ])
  })

  it('refuses a body that is no object at all', () => {
    expect(errorsOf(null)).toEqual([{ path: '', code: 'invalid_type', message: 'must be an object' }])
    expect(errorsOf(undefined)).toEqual([{ path: '', code: 'required', message: 'is required' }])
  })
})
