import type { z } from 'zod'

type RawIssue = z.core.$ZodRawIssue

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  undefined: 'left out',
}

/** What zod found, in words for whoever filled in the field: "must be …". A schema's own message wins over these. */
export function plainMessage(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${TYPES[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return issue.input === undefined ? 'is required' : `must be ${oneOf(issue.values)}`
    case 'too_small':
      return `must be at least ${amount(issue.minimum, issue.origin)}`
    case 'too_big':
      return `must be at most ${amount(issue.maximum, issue.origin)}`
    case 'unrecognized_keys':
      return `has unknown fields: ${issue.keys.join(', ')}`
    case 'invalid_format':
      return 'does not have the right form'
    default:
      return undefined
  }
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map((value) => JSON.stringify(value))
  return words.length === 1 ? `${words[0]}` : `one of ${words.join(', ')}`
}

function amount(limit: number | bigint, origin: string): string {
  const count = limit.toLocaleString('en')
  if (origin === 'string') return `${count} characters`
  return origin === 'array' ? `${count} entries` : count
}
