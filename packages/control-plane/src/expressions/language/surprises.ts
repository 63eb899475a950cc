import { BODY, entries, type LanguageEntry, POST } from './entry.js'

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
