/** Why a construct of JSONata is left out, and what to write in its place. */
export interface Refusal {
  readonly message: string
  readonly instead?: string
}

/** Constructs by jsonata's kind of node. */
export const REFUSED_KINDS: Readonly<Record<string, Refusal>> = {
  wildcard: { message: 'The wildcard "*" reads everything.', instead: 'the name of the field' },
  descendant: {
    message: 'The wildcard "**" reads everything.',
    instead: 'the path of the field, as in body.user.email',
  },
  parent: { message: 'The parent operator "%" is not supported.', instead: 'the path of the field from the start' },
  bind: { message: 'Variables cannot be assigned.', instead: 'the expression itself where the variable would stand' },
  lambda: { message: 'Functions cannot be defined.', instead: 'the condition itself, without a function' },
  transform: { message: 'The record cannot be transformed.' },
  apply: {
    message: 'The chain operator "~>" is not supported.',
    instead: '$lowercase(user_agent) for user_agent ~> $lowercase',
  },
  partial: { message: 'Functions cannot be applied in part.', instead: 'all arguments of the function' },
  sort: { message: 'Lists cannot be ordered.' },
}

/** Decorations by the property they set on a node. */
export const REFUSED_DECORATIONS: Readonly<Record<string, Refusal>> = {
  group: { message: 'Grouping with "{…}" is not supported.' },
  ancestor: { message: 'The parent operator "%" is not supported.', instead: 'the path of the field from the start' },
  focus: { message: 'The binding "@" is not supported.' },
  index: { message: 'The binding "#" is not supported.' },
  keepArray: { message: 'Keeping a list with "[]" is not supported.', instead: 'the path without "[]"' },
  keepSingletonArray: { message: 'Keeping a list with "[]" is not supported.', instead: 'the path without "[]"' },
}

const NO_CALLBACKS = 'Functions cannot be passed to functions.'
const NO_CLOCK = 'The clock is not a function: an event has its own time.'
const NO_OBJECTS = 'Objects are not taken apart.'

/** Functions of JSONata that are left out. */
export const REFUSED_FUNCTIONS: Readonly<Record<string, Refusal>> = {
  replace: {
    message: 'Text is not replaced: its length would have no bound.',
    instead: '$contains, $substringBefore or $substringAfter',
  },
  pad: { message: 'Text is not padded: its length would have no bound.' },
  join: { message: 'Lists are not joined: the length would have no bound.', instead: 'a & b' },
  eval: { message: 'Text is not run as an expression.', instead: 'the expression itself' },
  toMillis: { message: 'Dates are not parsed.', instead: 'observed_at, in milliseconds' },
  fromMillis: { message: 'Dates are not formatted.', instead: 'observed_at, in milliseconds' },
  now: { message: NO_CLOCK, instead: 'observed_at' },
  millis: { message: NO_CLOCK, instead: 'observed_at' },
  random: { message: 'The same event must always give the same answer.' },
  shuffle: { message: 'The same event must always give the same answer.' },
  map: { message: NO_CALLBACKS, instead: 'a path: body.items.name, or body.items.(price * count)' },
  filter: { message: NO_CALLBACKS, instead: 'a selection: body.items[price > 5]' },
  single: { message: NO_CALLBACKS },
  reduce: { message: NO_CALLBACKS, instead: '$sum, $max, $min or $count' },
  sift: { message: NO_CALLBACKS },
  each: { message: NO_CALLBACKS },
  sort: { message: 'Lists cannot be ordered.', instead: '$max or $min' },
  reverse: { message: 'Lists cannot be ordered.' },
  zip: { message: 'Lists are not put together.' },
  append: { message: 'Lists are not put together by a function.', instead: '[a, b]' },
  lookup: { message: NO_OBJECTS, instead: 'the path: body.user.email' },
  spread: { message: NO_OBJECTS },
  merge: { message: NO_OBJECTS },
  clone: { message: NO_OBJECTS },
  error: { message: 'An expression raises no errors of its own.' },
  assert: { message: 'An expression raises no errors of its own.' },
  formatNumber: { message: 'Numbers are not formatted.', instead: '$string(value)' },
  formatBase: { message: 'Numbers are not formatted.', instead: '$string(value)' },
  formatInteger: { message: 'Numbers are not formatted.', instead: '$string(value)' },
  parseInteger: { message: 'Numbers are not parsed by a picture.', instead: '$number(text)' },
  base64encode: { message: 'Text is not encoded: calls in calls would make it grow without bound.' },
}
