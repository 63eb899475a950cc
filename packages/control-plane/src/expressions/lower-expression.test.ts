import { LIMITS, prepareExpression } from '@esper/core'
import { describe, expect, it } from 'vitest'
import { lowerExpression } from './index.js'

type Refused = readonly [source: string, code: string, line: number, column: number, instead?: string | RegExp]

const SYNTAX: readonly Refused[] = [
  ['', 'expression_empty', 1, 1, 'true'],
  [' \n ', 'expression_empty', 1, 1, 'true'],
  ['request_method =', 'expression_syntax', 1, 16],
  ['(request_method = "GET"', 'expression_syntax', 1, 23],
  ['request_method == "GET"', 'expression_syntax', 1, 17, /one equals sign/],
  ['a &&  b', 'expression_syntax', 1, 4, 'and'],
  ['request_method = "GET"\n  and (', 'expression_syntax', 2, 7],
  ['request_method = "GET', 'expression_syntax', 1, 21],
  ['"a" "b"', 'expression_syntax', 1, 7],
  ['$contains(user_agent, /bot)', 'expression_syntax', 1, 27],
]

const CONSTRUCTS: readonly Refused[] = [
  ['body.*', 'expression_unsupported', 1, 6, /name/],
  ['**.password', 'expression_unsupported', 1, 1, /path/],
  ['body.a.%.b', 'expression_unsupported', 1, 6, /path/],
  ['($x := 1; $x)', 'expression_unsupported', 1, 5],
  ['$x := 1', 'expression_unsupported', 1, 4],
  ['function($x) { $x }', 'expression_unsupported', 1, 9],
  ['user_agent ~> $lowercase', 'expression_unsupported', 1, 12, /\$lowercase\(user_agent\)/],
  ['body.items[]', 'expression_unsupported', 1, 1],
  ['body.items#$i[$i = 1]', 'expression_unsupported', 1, 6],
  ['body.items^(price)', 'expression_unsupported', 1, 11],
  ['body.items.{"a": price}', 'expression_unsupported', 1, 12],
  ['body{name: price}', 'expression_unsupported', 1, 1],
  ['[a, b].c', 'expression_unsupported', 1, 1],
  ['[0..100000]', 'expression_unsupported', 1, 3, /comparison/],
  ['$distinct(header_names)', 'expression_unsupported', 1, 1, /count/],
  ['$', 'expression_unsupported', 1, 1],
  ['$unknown = 1', 'expression_unsupported', 1, 1],
  ['$$ = 1', 'expression_unsupported', 1, 1],
  ['user_agent = /bot/', 'expression_unsupported', 1, 14, /\$contains/],
  ['body ~> |a|{"b": 1}|', 'expression_unsupported', 1, 6],
]

const FUNCTION_CALLS: readonly Refused[] = [
  ['$lowercse(user_agent)', 'expression_function_unknown', 1, 1, '$lowercase'],
  ['contains(user_agent, "bot")', 'expression_function_unknown', 1, 1, /\$contains/],
  ['request_method = "GET" and\n  $startsWith(request_path, "/")', 'expression_function_unknown', 2, 3],
  ['$constructor("x")', 'expression_function_unknown', 1, 1],
  ['$__proto__("x")', 'expression_function_unknown', 1, 1],
  ['$match(user_agent, /bot/)', 'expression_unsupported', 1, 1, /\$contains/],
  ['$exists($match(user_agent, /x*/))', 'pattern_unsupported', 1, 28, /\$contains/],
  ['$contains(user_agent)', 'expression_arguments', 1, 1],
  ['$exists(a, b)', 'expression_arguments', 1, 1],
  ['$cidr(client_ip, "10.0.0.0/33")', 'expression_arguments', 1, 18, /203/],
  ['$cidr(client_ip, ["10.0.0.0/8", "all"])', 'expression_arguments', 1, 18, /203/],
]

const PUBLISHED_ATTACKS: readonly Refused[] = [
  [
    '( __lookupSetter__("__proto__")(constructor); __defineGetter__("b", valueOf); valueOf().l )',
    'expression_function_unknown',
    1,
    3,
  ],
  [
    '( $hasOwnProperty := $spread($string); $__proto__ := $constructor; $constructor("return 1")() )',
    'expression_unsupported',
    1,
    19,
  ],
  ['{"a":1} ~> |__proto__|{"polluted":true}|', 'expression_unsupported', 1, 9],
  ['$length($pad("x",200000000))', 'expression_function_unsupported', 1, 9],
  ['$replace($pad("",20000,"a"),"a",$pad("",20000,"b"))', 'expression_function_unsupported', 1, 1],
  ['($f:=function($n){$f($n+1)};$f(0))', 'expression_unsupported', 1, 4],
  ['$toMillis("x","[f1][f1][f1]")', 'expression_function_unsupported', 1, 1],
  ['$eval("1")', 'expression_function_unsupported', 1, 1],
  [`${'('.repeat(3_000)}1${')'.repeat(1_000)}`, 'expression_too_deep', 1, 65],
  [`${'('.repeat(60)}a${' ?? b)'.repeat(60)}`, 'expression_too_deep', 1, 87, /without parentheses/],
  [`${'('.repeat(60)}a${' ?: b)'.repeat(60)}`, 'expression_too_deep', 1, 87, /without parentheses/],
  [`${'-'.repeat(4_000)}user_agent`, 'expression_too_deep', 1, 129],
  [`${'a?'.repeat(70)}a`, 'expression_too_complex', 1, 1],
  [`a${' '.repeat(LIMITS.expressionBytes)}`, 'expression_too_long', 1, 1],
  [`"${'é'.repeat(LIMITS.expressionBytes / 2)}"`, 'expression_too_long', 1, 1],
]

const PATTERNS: readonly Refused[] = [
  ['$contains(user_agent, /(?=a)b/)', 'pattern_unsupported', 1, 23],
  ['$contains(user_agent, /(a)\\1/)', 'pattern_unsupported', 1, 23],
  ['$contains(user_agent, /(a{1,1000}){1,1000}/)', 'pattern_unsupported', 1, 23],
  ['$contains(user_agent, /^a/m)', 'pattern_unsupported', 1, 23],
  [`$contains(user_agent, /${'x'.repeat(513)}/)`, 'pattern_unsupported', 1, 23],
  ['$contains(user_agent, /a**/)', 'pattern_unsupported', 1, 23],
]

const REDACTED: readonly Refused[] = [
  ['cookies.sid = "x"', 'expression_field_redacted', 1, 1, /\$exists\(cookies.sid\)/],
  ['cookie_sid = "x"', 'expression_field_redacted', 1, 1],
  ['$contains(headers.authorization, "Basic")', 'expression_field_redacted', 1, 11],
  ['request_header_x_api_key in ["a"]', 'expression_field_redacted', 1, 1],
  ['body.user.password = body.user.name', 'expression_field_redacted', 1, 1],
  ['$length(query.reset_token) > 3', 'expression_field_redacted', 1, 9],
  ['cookie ? true : false', 'expression_field_redacted', 1, 1],
]

const ALL = { SYNTAX, CONSTRUCTS, FUNCTION_CALLS, PUBLISHED_ATTACKS, PATTERNS, REDACTED }

describe('an expression is refused with a code, a position and what to write instead', () => {
  for (const [group, cases] of Object.entries(ALL)) {
    for (const [source, code, line, column, instead] of cases) {
      it(`${group}: ${source.slice(0, 60)}`, () => {
        const lowered = lowerExpression(source)
        if (lowered.ok) throw new Error('It was not refused.')
        const [issue] = lowered.errors
        expect({ code: issue?.code, line: issue?.line, column: issue?.column }).toEqual({ code, line, column })
        expect(issue?.message).toMatch(/[.!?]$/)
        if (instead !== undefined) expect(issue?.instead).toMatch(instead)
      })
    }
  }

  it('where an action would read the actions', () => {
    const source = 'request_method = "POST" and "login" in actions'
    expect(lowerExpression(source, { kind: 'action' })).toMatchObject({
      ok: false,
      errors: [{ code: 'expression_field_unavailable', column: 40 }],
    })
    expect(lowerExpression(source).ok).toBe(true)
  })
})

describe('an expression that can be saved', () => {
  it('gives a program and the fields it reads', () => {
    const lowered = lowerExpression(
      'request_method = "POST" and $contains(request_path, /^\\/login/) and "login" in actions',
    )
    expect(lowered).toEqual({
      ok: true,
      fields: ['request_method', 'request_path', 'actions'],
      lists: [],
      warnings: [],
      program: {
        version: 1,
        root: [
          'and',
          ['eq', ['path', 'request_method'], ['lit', 'POST']],
          ['test', ['path', 'request_path'], '^\\/login', ''],
          ['in', ['lit', 'login'], ['path', 'actions']],
        ],
      },
    })
  })

  it('may ask of a credential whether it is there, and whether it equals another', () => {
    for (const source of [
      '$exists(cookies.sid)',
      'cookies.csrf = headers."x-csrf-token"',
      '$not($exists(headers.authorization))',
    ]) {
      expect(lowerExpression(source)).toMatchObject({ ok: true })
    }
  })

  it('may read cookies that the tenant carries in clear', () => {
    expect(lowerExpression('cookies.theme = "dark"', { clearCookies: ['theme'] })).toMatchObject({ ok: true })
  })

  it('is warned of fields that no event has, constants and slow patterns', () => {
    const warnings = (source: string) => {
      const lowered = lowerExpression(source)
      return lowered.ok
        ? lowered.warnings.map(({ code, column, instead }) => [code, column, instead ?? ''].join(' '))
        : lowered.errors
    }
    expect(warnings('usr_agent = "x"')).toEqual(['field_unknown 1 user_agent'])
    expect(warnings('plan = "x"')).toEqual(['field_unknown 1 labels.plan, query.plan or body.plan'])
    expect(warnings('1 = 1')).toEqual(['expression_constant 1 '])
    expect(warnings('$contains(user_agent, /(a|b)+c/)')).toEqual([expect.stringMatching(/^pattern_slow 23 /)])
    expect(warnings('user_agent = "x" and query_flow = "y" and ip = "z" and body.a.b = 1')).toEqual([])
  })

  it('may be a long list of alternatives', () => {
    const source = Array.from({ length: 150 }, (_, index) => `request_path = "/${index}"`).join(' or ')
    const lowered = lowerExpression(source)
    if (!lowered.ok) throw new Error(lowered.errors[0]?.message)
    const prepared = prepareExpression(lowered.program)
    if (!prepared.ok) throw new Error(prepared.problem.message)
    expect(prepared.expression.evaluate({ request_path: '/149' })).toEqual({ ok: true, value: true })
  })

  it('never sees what a prototype holds', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'body.constructor.prototype']) {
      const lowered = lowerExpression(`$exists(${name})`)
      if (!lowered.ok) throw new Error(name)
      const prepared = prepareExpression(lowered.program)
      expect(prepared.ok && prepared.expression.evaluate({ body: { a: 1 } })).toEqual({ ok: true, value: false })
    }
  })
})
