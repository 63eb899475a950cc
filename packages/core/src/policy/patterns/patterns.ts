import { RE2JS } from 're2js'
import { LIMITS } from '../../protocol/limits.js'
import { isLinear, spelledOut } from './pattern-linear.js'
import { type LiteralPattern, literalPattern } from './pattern-literal.js'
import { PatternRefused, parsePattern } from './pattern-parse.js'
import { re2Source, re2Text } from './pattern-re2.js'

/** A pattern ready to test text, or why it is refused. */
export type PreparedPattern =
  | {
      readonly ok: true
      readonly engine: 'native' | 're2'
      readonly test: (text: string) => boolean
      /** The one text that it asks for, where that is all it does. */
      readonly literal: LiteralPattern | undefined
    }
  | { readonly ok: false; readonly reason: string }

/** RE2's time is that of the text times this, so it is what keeps the longest text within milliseconds. */
const MOST_SPELLED_OUT = 64

/** A pattern is prepared where it is saved, checked and run, and often stands in many policies. */
const REMEMBERED = new Map<string, PreparedPattern>()
const MOST_REMEMBERED = 256

/**
 * Prepares a regular expression that means what it means in JavaScript and takes time linear in the text: a pattern
 * proved linear runs natively, any other on RE2, rewritten to keep its meaning. Never throws.
 *
 * @param flags Of JavaScript's, `i` and `m`; `g` makes no difference to a test.
 */
export function preparePattern(source: string, flags: string): PreparedPattern {
  const name = `${flags}/${source}`
  const known = REMEMBERED.get(name)
  if (known !== undefined) return known
  const prepared = prepareAnew(source, flags)
  if (REMEMBERED.size >= MOST_REMEMBERED) REMEMBERED.clear()
  if (source.length <= LIMITS.patternUnits) REMEMBERED.set(name, prepared)
  return prepared
}

function prepareAnew(source: string, flags: string): PreparedPattern {
  if (source.length > LIMITS.patternUnits) {
    return { ok: false, reason: `A pattern has at most ${LIMITS.patternUnits} characters.` }
  }
  if (!/^[gim]*$/.test(flags)) return { ok: false, reason: 'Only the flags "i" and "m" are supported.' }
  try {
    const tree = parsePattern(source, flags.includes('i'))
    if (flags.includes('m') && /[$^]/.test(source)) {
      return { ok: false, reason: 'The flag "m" together with "^" or "$" is not supported.' }
    }
    if (isLinear(tree)) {
      const native = new RegExp(source, flags.includes('i') ? 'i' : '')
      return { ok: true, engine: 'native', test: (text) => native.test(text), literal: literalPattern(tree) }
    }
    if (spelledOut(tree) > MOST_SPELLED_OUT) {
      return { ok: false, reason: `Its counted repetitions spell out to more than ${MOST_SPELLED_OUT} letters.` }
    }
    const compiled = RE2JS.compile(re2Source(tree))
    return { ok: true, engine: 're2', test: (text) => compiled.test(re2Text(text)), literal: undefined }
  } catch (error) {
    if (error instanceof PatternRefused) return { ok: false, reason: error.message }
    return { ok: false, reason: 'It needs more than linear time allows, or is not a regular expression.' }
  }
}
