/**
 * Errors that an expression can give for a record, by JSONata's code; those that begin with E are of Esper's own
 * functions. docs/errors.md is written from it.
 */
export const RUN_ERRORS: Readonly<Record<string, string>> = {
  D1001: 'A number is too large to be told.',
  D1002: 'Only a number can be negated.',
  D1009: 'Two names of an object are the same.',
  D1013: 'An object has a name that JSONata keeps for itself.',
  D2014: 'A range has more numbers than there may be.',
  D3001: 'A number without an end has no text.',
  D3020: 'The most parts of $split must not be negative.',
  D3030: 'The value cannot be read as a number.',
  D3060: 'A negative number has no square root.',
  D3061: 'The power is no number that can be told.',
  D3140: 'The text is no address that can be decoded.',
  E1001: 'The first argument of $cidr is no address.',
  E1002: 'The second argument of $cidr is no address and no range of addresses.',
  E1003: 'The expression makes or goes through more than 100,000 letters and items.',
  T0410: 'An argument of a function has the wrong type.',
  T0411: 'What stands in for a left out argument has the wrong type.',
  T0412: 'A list that a function was given has items of the wrong type.',
  T1003: 'The name of something in an object is not text.',
  T2001: 'What stands left of an arithmetic operator is not a number.',
  T2002: 'What stands right of an arithmetic operator is not a number.',
  T2003: 'A range starts at something that is no whole number.',
  T2004: 'A range ends at something that is no whole number.',
  T2009: 'Values of two types cannot be ordered: a number stands with a number, text with text.',
  T2010: 'Only numbers and text can be ordered.',
  input_too_deep: 'The record is nested too deep to be evaluated.',
}

const OTHER = 'The expression gives an error for this record.'

/** What the code of an error says. */
export function runErrorMessage(code: string): string {
  return Object.hasOwn(RUN_ERRORS, code) ? (RUN_ERRORS[code] ?? OTHER) : OTHER
}
