/** Something to take over into an expression. */
export interface Completion {
  readonly insert: string
  readonly label: string
  readonly note: string
}

const LANGUAGE: readonly (readonly [call: string, meaning: string])[] = [
  ['$contains(text, sought)', 'Whether a text holds another, or matches a /pattern/'],
  ['$exists(field)', 'Whether the field is there, even if it is empty'],
  ['$not(value)', 'False for what holds, true for what does not'],
  ['$lowercase(text)', 'The text in lower case'],
  ['$uppercase(text)', 'The text in upper case'],
  ['$count(list)', 'How many items a list has; 0 for missing'],
  ['$length(text)', 'Number of letters'],
  ['$trim(text)', 'Without spaces at the ends'],
  ['$substringBefore(text, mark)', 'What stands before the first mark'],
  ['$substringAfter(text, mark)', 'What stands after the first mark'],
  ['$substring(text, start, length)', 'A part of a text'],
  ['$split(text, separator, most)', 'The parts of a text as a list'],
  ['$string(value)', 'Any value as text'],
  ['$number(value)', 'Text or a boolean as a number'],
  ['$boolean(value)', 'True unless it is false, zero, empty or null'],
  ['$max(list)', 'The largest of a list of numbers'],
  ['$min(list)', 'The least of a list of numbers'],
  ['$sum(list)', 'The sum of a list of numbers'],
  ['$average(list)', 'The mean of a list of numbers'],
  ['$round(number, places)', 'The number rounded'],
  ['$floor(number)', 'The next whole number down'],
  ['$ceil(number)', 'The next whole number up'],
  ['$abs(number)', 'The number without its sign'],
  ['$type(value)', 'The kind of a value, as text'],
]

/** The functions of the expression language, as one types them. */
export const FUNCTIONS: readonly Completion[] = LANGUAGE.map(([label, note]) => ({
  insert: label.slice(0, label.indexOf('(') + 1),
  label,
  note,
}))
