import { describe, expect, it } from 'vitest'
import { lowerExpression } from './index.js'

const lists = new Map([
  ['known addresses', 'lst_known'],
  ['partners', 'lst_partners'],
])

function refusal(source: string, given = lists) {
  const result = lowerExpression(source, { lists: given })
  return result.ok ? undefined : result.errors[0]
}

describe('$in_list', () => {
  it('names a list, which the program knows by its id', () => {
    const result = lowerExpression('$in_list(client_ip, "partners") or $in_list(user_id, "partners")', { lists })
    expect(result).toMatchObject({
      ok: true,
      program: {
        root: [
          'or',
          ['in_list', ['path', 'client_ip'], 'lst_partners'],
          ['in_list', ['path', 'user_id'], 'lst_partners'],
        ],
      },
      fields: ['client_ip', 'user_id'],
      lists: [{ name: 'partners', list_id: 'lst_partners' }],
      warnings: [],
    })
  })

  it.each([
    [
      'of a name that is none',
      '$in_list(client_ip, "partner")',
      { code: 'expression_list_unknown', line: 1, column: 21, instead: '"partners"' },
    ],
    ['of a name like no other', '$in_list(client_ip, "x")', { code: 'expression_list_unknown', line: 1, column: 21 }],
    ['of a field', '$in_list(client_ip, user_id)', { code: 'expression_arguments', column: 21 }],
    ['of one argument', '$in_list(client_ip)', { code: 'expression_arguments', column: 1 }],
    ['of three', '$in_list(client_ip, "partners", 1)', { code: 'expression_arguments', column: 1 }],
    ['of a credential', '$in_list(cookies.session, "partners")', { code: 'expression_field_redacted', column: 10 }],
    ['misspelt', '$inlist(client_ip, "partners")', { code: 'expression_function_unknown', instead: '$in_list' }],
    [
      'without its sign',
      'in_list(client_ip, "partners")',
      { code: 'expression_function_unknown', instead: '$in_list(…)' },
    ],
  ])('%s is refused', (_what, source, issue) => expect(refusal(source)).toMatchObject(issue))

  it('has no list to name where there is no tenant', () => {
    expect(lowerExpression('$in_list(client_ip, "partners")')).toMatchObject({
      ok: false,
      errors: [{ code: 'expression_list_unknown', message: 'There is no list named "partners".' }],
    })
  })
})
