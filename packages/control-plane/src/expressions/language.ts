import type { FieldValue } from '@esper/core'

/** One operator or function of the language, with an example that a test runs. */
export interface LanguageEntry {
  /** How it is written. */
  readonly form: string
  readonly meaning: string
  readonly example: string
  readonly record: Readonly<Record<string, FieldValue>>
  /** What the example gives for the record; `undefined` for missing. */
  readonly gives: FieldValue | undefined
}

type Row = readonly [
  form: string,
  meaning: string,
  example: string,
  record: Readonly<Record<string, FieldValue>>,
  gives: FieldValue | undefined,
]

function entries(rows: readonly Row[]): readonly LanguageEntry[] {
  return rows.map(([form, meaning, example, record, gives]) => ({ form, meaning, example, record, gives }))
}

const POST: Row[3] = { request_method: 'POST', request_path: '/login' }
const BODY: Row[3] = { body: { items: [{ price: 5 }, { price: 7 }], name: 'Ann', note: '' } }
const BOT: Row[3] = { user_agent: 'Googlebot/2.1' }

/** What the examples find in lists, by the list's name. */
export const EXAMPLE_LISTS: Readonly<Record<string, readonly string[]>> = {
  offices: ['203.0.113.0/24', '2001:db8:1::/48', 'office@example.com'],
}

/** Operators and constructs, in the order in which a reader meets them. */
export const OPERATORS: readonly LanguageEntry[] = entries([
  ['`name`, `a.b`', 'A field; a path goes through lists and gives all it finds.', 'body.items.price', BODY, [5, 7]],
  [
    '`` a.`x-y` ``, `a."x-y"`',
    'A name with other letters in it.',
    'headers."x-flow"',
    { headers: { 'x-flow': 'b' } },
    'b',
  ],
  ['`=`', 'Equal, through lists and objects. False when a side is missing.', 'request_method = "POST"', POST, true],
  ['`!=`', 'Not equal. Also false when a side is missing.', 'referer != "x"', POST, false],
  [
    '`<` `<=` `>` `>=`',
    'Numbers with numbers, text with text. Missing gives missing.',
    'response_ms >= 500',
    { response_ms: 500 },
    true,
  ],
  ['`in`', 'The left side is one of the list on the right.', 'request_method in ["POST", "PUT"]', POST, true],
  [
    '`and` `or`',
    'As far as needed, from left to right.',
    'request_method = "GET" or request_path = "/login"',
    POST,
    true,
  ],
  [
    '`a ? b : c`',
    '`b` when `a` holds, otherwise `c`; missing without `c`.',
    'request_path = "/login" ? "strict" : "lax"',
    POST,
    'strict',
  ],
  ['`a ?? b`', '`b` where `a` is missing.', 'body.plan ?? "free"', BODY, 'free'],
  ['`a ?: b`', '`b` where `a` is missing, empty, zero or false.', 'body.note ?: "none"', BODY, 'none'],
  ['`&`', 'Joins text; a missing side is empty.', 'request_method & " " & request_path', POST, 'POST /login'],
  ['`+` `-` `*` `/` `%`', 'Numbers only. Missing gives missing.', '(7 - 1) / 2 + 5 % 3', {}, 5],
  ['`-a`', 'The number with its sign turned.', '-response_ms', { response_ms: 5 }, -5],
  [
    '`[a, b]`',
    'A list; missing items are left out, lists in it are joined to it.',
    '[request_method, referer, body.items.price]',
    { ...POST, ...BODY },
    ['POST', 5, 7],
  ],
  [
    '`[a..b]`',
    'The whole numbers from one to another; at most 100,000.',
    'response_status in [500..599]',
    { response_status: 503 },
    true,
  ],
  [
    '`{"name": a}`',
    'An object; a missing value leaves its name out. Not inside a selection.',
    'body = {"name": "Ann"}',
    { body: { name: 'Ann' } },
    true,
  ],
  ['`a[0]`, `a[-1]`', 'The item at a place, counted from 0, or from the end.', 'body.items[-1].price', BODY, 7],
  [
    '`a[b]`',
    'The items for which `b` holds. In it names are those of the item, `$` is the item, and `$$` the record.',
    '$exists(body.items[price > 6])',
    BODY,
    true,
  ],
  [
    '`a.(b)`, `a.$f($)`',
    '`b` for each item of `a`, where `$` is the item.',
    '$sum(body.items.(price * count))',
    {
      body: {
        items: [
          { price: 5, count: 2 },
          { price: 7, count: 1 },
        ],
      },
    },
    17,
  ],
  ['`(a)`', 'An expression in parentheses.', '(1 + 2) * 3', {}, 9],
  ['`(a; b)`', 'Each in turn; the answer is that of the last.', '(request_method; request_path)', POST, '/login'],
  ['`"text"`, `5`, `true`, `null`', 'Constants.', '"a" = "a"', {}, true],
  ['`/* … */`', 'A comment.', '/* writes */ request_method = "POST"', POST, true],
])

/** Functions, by name. */
export const FUNCTION_ENTRIES: readonly LanguageEntry[] = entries([
  ['`$abs(number)`', 'The number without its sign.', '$abs(-5)', {}, 5],
  ['`$average(list)`', 'The mean of a list of numbers.', '$average(body.items.price)', BODY, 6],
  [
    '`$base64decode(text)`',
    'What base64 or base64url text says, one letter a byte.',
    '$contains($base64decode(query.next), "http:")',
    { query: { next: 'aHR0cDovL2V2aWwuZXhhbXBsZQ==' } },
    true,
  ],
  ['`$boolean(value)`', 'True unless it is false, zero, empty or null.', '$boolean(body.note)', BODY, false],
  ['`$ceil(number)`', 'The next whole number up.', '$ceil(1.2)', {}, 2],
  [
    '`$cidr(address, range)`',
    "Whether an IPv4 or IPv6 address is in a range, or in one of a list of ranges. Esper's own.",
    '$cidr(client_ip, ["10.0.0.0/8", "2001:db8::/32"])',
    { client_ip: '10.1.2.3' },
    true,
  ],
  [
    '`$contains(text, sought)`',
    'Whether a text holds another, or matches a pattern.',
    '$contains(user_agent, /bot/i)',
    BOT,
    true,
  ],
  ['`$count(list)`', 'How many items a list has; 0 for missing, 1 for anything else.', '$count(body.items)', BODY, 2],
  [
    '`$decodeUrl(text)`',
    'Escapes of a URL read as letters, but those of its separators; an error for half an escape.',
    '$decodeUrl("/a%20b%2Fc")',
    {},
    '/a b%2Fc',
  ],
  [
    '`$decodeUrlComponent(text)`',
    'All escapes read as letters; an error for half an escape.',
    '$contains($decodeUrlComponent(request_path), "/../")',
    { request_path: '/img/%2e%2e%2fetc' },
    true,
  ],
  [
    '`$count($distinct(list))`',
    'How many different values a list has. `$distinct` stands only there.',
    '$count($distinct(body.items.price))',
    { body: { items: [{ price: 5 }, { price: 7 }, { price: 5 }] } },
    2,
  ],
  ['`$encodeUrl(text)`', 'A URL with its letters escaped.', '$encodeUrl("/a b/é")', {}, '/a%20b/%C3%A9'],
  ['`$encodeUrlComponent(text)`', 'A part of a URL, escaped.', '$encodeUrlComponent("a/b c")', {}, 'a%2Fb%20c'],
  ['`$exists(field)`', 'Whether the field is there, even if it is empty.', '$exists(body.note)', BODY, true],
  ['`$floor(number)`', 'The next whole number down.', '$floor(1.8)', {}, 1],
  [
    '`$in_list(value, "name")`',
    "Whether a value, or one of several, is in the list of that name: as an entry, or as an address in one of its ranges. Missing for missing. Esper's own.",
    '$in_list(client_ip, "offices")',
    { client_ip: '203.0.113.7' },
    true,
  ],
  [
    '`$keys(object)`',
    'The names in an object, or in all objects of a list.',
    '$keys(body)',
    BODY,
    ['items', 'name', 'note'],
  ],
  ['`$length(text)`', 'Number of letters.', '$length(body.name)', BODY, 3],
  ['`$lowercase(text)`', 'The text in lower case.', '$lowercase(body.name) = "ann"', BODY, true],
  [
    '`$match(text, /pattern/)`',
    'Whether there is a match: in `and`, `or`, `? :`, `[…]`, `$exists`, `$not` and `$boolean`. The pattern must not match empty text.',
    '$exists($match(user_agent, /bot/i))',
    BOT,
    true,
  ],
  ['`$max(list)`', 'The largest of a list of numbers.', '$max(body.items.price)', BODY, 7],
  ['`$min(list)`', 'The least of a list of numbers.', '$min(body.items.price)', BODY, 5],
  [
    '`$not(value)`',
    'False for what holds, true for what does not; missing for missing.',
    '$not(body.note)',
    BODY,
    true,
  ],
  [
    '`$number(value)`',
    'Text or a boolean as a number; an error for other text.',
    '$number(query.page) > 10',
    { query: { page: '12' } },
    true,
  ],
  ['`$power(base, exponent)`', 'A power.', '$power(2, 10)', {}, 1024],
  [
    '`$round(number, places)`',
    'Rounded, halves to the even neighbour; `places` may be left out.',
    '$round(2.345, 2)',
    {},
    2.34,
  ],
  [
    '`$split(text, separator, most)`',
    'The parts between separators; `most` may be left out.',
    '$split(request_path, "/")',
    POST,
    ['', 'login'],
  ],
  ['`$sqrt(number)`', 'The square root.', '$sqrt(9)', {}, 3],
  [
    '`$string(value, indent)`',
    'Any value as text; with `true`, over several lines.',
    '$string(body.items.price)',
    BODY,
    '[5,7]',
  ],
  [
    '`$substring(text, start, length)`',
    'A part; counted from 0, or from the end if negative. `length` may be left out.',
    '$substring(request_path, 1, 3)',
    POST,
    'log',
  ],
  [
    '`$substringAfter(text, mark)`',
    'What follows the first mark; the whole text without one.',
    '$substringAfter(user_agent, "/")',
    BOT,
    '2.1',
  ],
  [
    '`$substringBefore(text, mark)`',
    'What precedes the first mark; the whole text without one.',
    '$substringBefore(user_agent, "/")',
    BOT,
    'Googlebot',
  ],
  ['`$sum(list)`', 'The sum of a list of numbers.', '$sum(body.items.price)', BODY, 12],
  ['`$trim(text)`', 'Without spaces at the ends, and single ones inside.', '$trim("  a   b ")', {}, 'a b'],
  [
    '`$type(value)`',
    'Its type: `null`, `number`, `string`, `boolean`, `array` or `object`.',
    '$type(body.items)',
    BODY,
    'array',
  ],
  ['`$uppercase(text)`', 'The text in upper case.', '$uppercase(body.name)', BODY, 'ANN'],
])

/** Expressions that surprise, with what they give. */
export const SURPRISES: readonly LanguageEntry[] = entries([
  ['missing is not empty', 'An empty field exists.', '$exists(query.q)', { query: { q: '' } }, true],
  [
    '`!=` with a missing side',
    'Is false: say `$not(a = b)` for "anything but, missing included".',
    '$not(referer = "x")',
    POST,
    true,
  ],
  [
    '`$not` of a missing field',
    'Is missing, so it does not hold: ask `$not($exists(a))`.',
    '$not(referer)',
    POST,
    undefined,
  ],
  [
    'numbers in text',
    'Query, cookie and route values are text: `"5" > 1` is an error, so convert.',
    '$number(query.page) > 1',
    { query: { page: '5' } },
    true,
  ],
  ['a list with `=`', 'Compares the whole list: ask `in`.', '"a" in query.tag', { query: { tag: ['a', 'b'] } }, true],
  ['a list with `>`', 'Is an error: ask `$max` or `$min`.', '$max(body.items.price) > 6', BODY, true],
  [
    'letters of the path',
    'Paths come as sent; use `/i` or `$lowercase` for either case.',
    '$contains(request_path, /^\\/LOGIN$/i)',
    POST,
    true,
  ],
])
