/** Why a construct or function of JSONata is left out, and what to write in its place. */
export interface Refusal {
  readonly message: string
  readonly instead?: string
}

/** Something of JSONata that is not in the language, with an example that is refused. */
export interface LeftOut extends Refusal {
  /** How it is written. */
  readonly form: string
  readonly example: string
}

type Row = readonly [form: string, message: string, instead: string | undefined, example: string]

function leftOut([form, message, instead, example]: Row): LeftOut {
  return { form, message, example, ...(instead === undefined ? {} : { instead }) }
}

function byKind(rows: Readonly<Record<string, Row>>): Readonly<Record<string, LeftOut>> {
  return Object.fromEntries(Object.entries(rows).map(([kind, row]) => [kind, leftOut(row)]))
}

const FROM_THE_START = 'the path of the field from the start: body.user.email'
const PLAIN_PATH = 'the path without "[]"; $count counts one item as 1'

/** Constructs by jsonata's kind of node. */
export const REFUSED_KINDS = byKind({
  wildcard: ['`*`', 'The wildcard "*" reads everything.', 'the name of the field', 'body.*'],
  descendant: [
    '`**`',
    'The wildcard "**" reads everything.',
    'the path of the field, as in body.user.email',
    '**.email',
  ],
  parent: ['`%`', 'The parent operator "%" is not supported.', FROM_THE_START, 'body.items.%.total'],
  bind: [
    '`$a := b`',
    'Variables cannot be assigned.',
    'the expression itself where the variable would stand',
    '($total := $sum(body.items.price); $total)',
  ],
  lambda: [
    '`function($a) { … }`',
    'Functions cannot be defined.',
    'the condition itself, without a function',
    'function($a) { $a + 1 }(2)',
  ],
  transform: [
    '`| … | … |`',
    'The record cannot be transformed.',
    'a condition on the fields',
    'body ~> |items|{"price": 1}|',
  ],
  apply: [
    '`a ~> $f`',
    'The chain operator "~>" is not supported.',
    '$lowercase(user_agent) for user_agent ~> $lowercase',
    'user_agent ~> $lowercase',
  ],
  partial: [
    '`$f(?, a)`',
    'Functions cannot be applied in part.',
    'all arguments of the function',
    '$exists($contains(?, "a"))',
  ],
  sort: ['`a^(b)`', 'Lists cannot be ordered.', '$max or $min', 'body.items^(price)[0]'],
})

/** Constructs by the property that they set on jsonata's node. */
export const REFUSED_DECORATIONS = byKind({
  group: [
    '`a{b: c}`',
    'Grouping with "{…}" is not supported.',
    'a selection: body.items[name = "a"]',
    'body.items{name: price}',
  ],
  ancestor: ['`%` in a path', 'The parent operator "%" is not supported.', FROM_THE_START, 'body.items.name.%.price'],
  focus: [
    '`a@$b`',
    'The binding "@" is not supported.',
    'a selection: body.items[price > $$.body.limit]',
    'body.items@$item.price',
  ],
  index: ['`a#$i`', 'The binding "#" is not supported.', 'a place: body.items[0]', 'body.items#$place[$place < 2]'],
  keepArray: ['`a[]`', 'Keeping a list with "[]" is not supported.', PLAIN_PATH, 'body.items[]'],
  keepSingletonArray: ['`a.b[]`', 'Keeping a list with "[]" is not supported.', PLAIN_PATH, 'body.items.name[]'],
})

const NO_BOUND = 'The length of what it makes would have no bound.'
const NO_CALLBACKS = 'Functions cannot be passed to functions.'
const NO_CLOCK = 'The clock is not a function: an event has its own time.'
const NO_DATES = 'Pictures of dates take time without bound.'
const NO_CHANCE = 'The same event must always give the same answer.'
const NO_ORDER = 'A condition needs no order of a list.'
const NO_OBJECTS = 'Which fields are read must be known beforehand.'
const NO_ERRORS = 'An expression raises no errors of its own.'
const NO_FORMAT = 'A condition needs no number in another form.'
const THE_TIME = 'observed_at, in milliseconds'
const ITS_STRING = '$string(value)'
const A_CONDITION = 'the condition itself'

/** Functions of JSONata that are left out, by name. */
export const REFUSED_FUNCTIONS = functions([
  ['append', 'A list is written out.', '[a, b]', '$append(header_names, "x")'],
  ['assert', NO_ERRORS, A_CONDITION, '$assert(true, "x")'],
  [
    'base64encode',
    'A condition needs no text in another form.',
    'the encoded text, as a constant',
    '$base64encode("a")',
  ],
  ['clone', NO_OBJECTS, 'the path of the field', '$clone(body)'],
  ['each', NO_CALLBACKS, 'a path: body.items.price', '$each(body, $string)'],
  ['error', NO_ERRORS, A_CONDITION, '(false ? $error("x"); true)'],
  ['eval', 'Text is not run as an expression.', 'the expression itself', '$eval("1")'],
  ['filter', NO_CALLBACKS, 'a selection: body.items[price > 5]', '$filter(header_names, $exists)'],
  ['formatBase', NO_FORMAT, ITS_STRING, '$formatBase(255, 16)'],
  ['formatInteger', NO_FORMAT, ITS_STRING, '$formatInteger(12, "w")'],
  ['formatNumber', NO_FORMAT, ITS_STRING, '$formatNumber(1234.5, "#,##0")'],
  ['fromMillis', NO_DATES, THE_TIME, '$fromMillis(1)'],
  ['join', NO_BOUND, 'a & b', '$join(header_names, ",")'],
  ['lookup', NO_OBJECTS, 'the path: body.user.email', '$lookup(body, "name")'],
  ['map', NO_CALLBACKS, 'a path: body.items.name, or body.items.(price * count)', '$map(header_names, $uppercase)'],
  ['merge', NO_OBJECTS, 'the paths of the fields', '$merge([body])'],
  ['millis', NO_CLOCK, 'observed_at', '$millis() > 0'],
  ['now', NO_CLOCK, 'observed_at', '$exists($now())'],
  ['pad', NO_BOUND, 'a & " "', '$pad("a", 5)'],
  ['parseInteger', NO_FORMAT, '$number(text)', '$parseInteger("12", "0")'],
  ['random', NO_CHANCE, 'a field of the event', '$random() < 2'],
  ['reduce', NO_CALLBACKS, '$sum, $max, $min or $count', '$reduce([1, 2], $power)'],
  ['replace', NO_BOUND, '$contains, $substringBefore or $substringAfter', '$replace("abc", "b", "x")'],
  ['reverse', NO_ORDER, 'a place from the end: header_names[-1]', '$reverse(header_names)'],
  ['shuffle', NO_CHANCE, 'the list itself', '$count($shuffle(header_names))'],
  ['sift', NO_CALLBACKS, 'the paths of the fields', '$sift(body, $boolean)'],
  ['single', NO_CALLBACKS, 'a selection: body.items[price > 5]', '$single([1], $boolean)'],
  ['sort', NO_ORDER, '$max or $min', '$sort(header_names)'],
  ['spread', NO_OBJECTS, 'the paths of the fields', '$spread(body)'],
  ['toMillis', NO_DATES, THE_TIME, '$toMillis("2026-01-01T00:00:00Z")'],
  ['zip', NO_OBJECTS, '[a, b]', '$zip(header_names, header_names)'],
])

function functions(
  rows: readonly (readonly [name: string, message: string, instead: string, example: string])[],
): Readonly<Record<string, LeftOut>> {
  return Object.fromEntries(rows.map(([name, ...row]) => [name, leftOut([`\`$${name}\``, ...row])]))
}
