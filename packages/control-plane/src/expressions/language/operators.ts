import { BODY, entries, type LanguageEntry, POST } from './entry.js'

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
