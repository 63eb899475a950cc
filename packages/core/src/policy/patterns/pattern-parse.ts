import { foldedSet } from './pattern-case.js'
import {
  DIGITS,
  inverted,
  LINE_ENDS,
  normalised,
  type PatternNode,
  SPACES,
  type UnitSet,
  WORDS,
} from './pattern-tree.js'

/** Why a pattern is refused, in words for the person who wrote it. */
export class PatternRefused extends Error {}

const MOST_REPEATS = 1_000
const MOST_DEPTH = 32
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['t', 9],
  ['n', 10],
  ['v', 11],
  ['f', 12],
  ['r', 13],
  ['0', 0],
])
const CLASSES: ReadonlyMap<string, UnitSet> = new Map([
  ['d', DIGITS],
  ['D', inverted(DIGITS)],
  ['w', WORDS],
  ['W', inverted(WORDS)],
  ['s', SPACES],
  ['S', inverted(SPACES)],
])

/** Parses a JavaScript pattern (no `u` flag) into a tree. Throws `PatternRefused` for what has no linear-time form. */
export function parsePattern(source: string, ignoreCase: boolean): PatternNode {
  const parser = new Parser(source, ignoreCase)
  return parser.parse()
}

class Parser {
  readonly #source: string
  readonly #ignoreCase: boolean
  #at = 0
  #depth = 0

  constructor(source: string, ignoreCase: boolean) {
    this.#source = source
    this.#ignoreCase = ignoreCase
  }

  parse(): PatternNode {
    const tree = this.#choices()
    if (this.#at < this.#source.length) throw new PatternRefused('It has a ")" too many.')
    return tree
  }

  #peek(): string {
    return this.#source.charAt(this.#at)
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #choices(): PatternNode {
    this.#depth += 1
    if (this.#depth > MOST_DEPTH) throw new PatternRefused(`Its groups are nested deeper than ${MOST_DEPTH}.`)
    const choices = [this.#sequence()]
    while (this.#take('|')) choices.push(this.#sequence())
    this.#depth -= 1
    const [only] = choices
    return choices.length === 1 && only !== undefined ? only : { kind: 'any', choices }
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = []
    while (this.#at < this.#source.length && this.#peek() !== '|' && this.#peek() !== ')') parts.push(this.#term())
    const [only] = parts
    return parts.length === 1 && only !== undefined ? only : { kind: 'all', parts }
  }

  #term(): PatternNode {
    if (this.#take('^')) return this.#edge('start')
    if (this.#take('$')) return this.#edge('end')
    if (this.#take('\\b')) return this.#edge('word')
    if (this.#take('\\B')) return this.#edge('not-word')
    return this.#repeated(this.#atom())
  }

  #edge(edge: 'start' | 'end' | 'word' | 'not-word'): PatternNode {
    if ('*+?'.includes(this.#peek()) && this.#peek() !== '') throw new PatternRefused('An anchor cannot be repeated.')
    return { kind: 'edge', edge }
  }

  #atom(): PatternNode {
    if (this.#take('(')) return this.#group()
    if (this.#take('[')) return { kind: 'set', units: this.#class() }
    if (this.#take('.')) return { kind: 'set', units: inverted(LINE_ENDS) }
    if (this.#take('\\')) return this.#set(this.#escape())
    const letter = this.#peek()
    if ('*+?'.includes(letter)) throw new PatternRefused(`Nothing stands before "${letter}".`)
    if ('{}]'.includes(letter)) throw new PatternRefused(`A literal "${letter}" is written "\\${letter}".`)
    this.#at += 1
    const unit = letter.charCodeAt(0)
    return this.#set([[unit, unit]])
  }

  #set(units: UnitSet): PatternNode {
    return { kind: 'set', units: this.#ignoreCase ? foldedSet(units) : units }
  }

  #group(): PatternNode {
    for (const look of ['?=', '?!', '?<=', '?<!']) {
      if (this.#take(look))
        throw new PatternRefused('Looking ahead or behind, as in "(?=…)", is not possible in linear time.')
    }
    if (this.#take('?<')) {
      const end = this.#source.indexOf('>', this.#at)
      this.#at = end < 0 ? this.#source.length : end + 1
    } else if (!this.#take('?:') && this.#peek() === '?') {
      throw new PatternRefused('This kind of group is not supported.')
    }
    const inner = this.#choices()
    if (!this.#take(')')) throw new PatternRefused('A group has no ")".')
    return inner
  }

  #repeated(of: PatternNode): PatternNode {
    const bounds = this.#bounds()
    if (bounds === undefined) return of
    const lazy = this.#take('?')
    if ('*+?{'.includes(this.#peek()) && this.#peek() !== '')
      throw new PatternRefused('A repetition cannot be repeated.')
    return { kind: 'repeat', of, least: bounds[0], most: bounds[1], lazy }
  }

  #bounds(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Infinity]
    if (this.#take('+')) return [1, Infinity]
    if (this.#take('?')) return [0, 1]
    const found = /^\{(\d+)(,(\d*))?\}/.exec(this.#source.slice(this.#at))
    if (found === null) return undefined
    this.#at += found[0].length
    const least = Number(found[1])
    const most = found[2] === undefined ? least : found[3] === '' ? Infinity : Number(found[3])
    if (least > MOST_REPEATS || (most !== Infinity && most > MOST_REPEATS) || least > most) {
      throw new PatternRefused(`A repetition goes from 0 to at most ${MOST_REPEATS}.`)
    }
    return [least, most]
  }

  /** After a backslash: the units it stands for. */
  #escape(): UnitSet {
    const letter = this.#peek()
    this.#at += 1
    const set = CLASSES.get(letter)
    if (set !== undefined) return set
    const unit = this.#escapedUnit(letter)
    return [[unit, unit]]
  }

  #escapedUnit(letter: string): number {
    const next = this.#peek()
    if (letter === '0' && /\d/.test(next)) throw new PatternRefused('Octal escapes are not supported.')
    const control = CONTROLS.get(letter)
    if (control !== undefined) return control
    if (letter === 'x' || letter === 'u') return this.#hexadecimal(letter === 'x' ? 2 : 4)
    if (/[1-9k]/.test(letter))
      throw new PatternRefused('References to groups, as in "\\1", are not possible in linear time.')
    if (letter === '' || /[A-Za-z]/.test(letter)) throw new PatternRefused(`The escape "\\${letter}" is not supported.`)
    return letter.charCodeAt(0)
  }

  #hexadecimal(digits: number): number {
    const text = this.#source.slice(this.#at, this.#at + digits)
    if (text.length !== digits || !/^[0-9a-fA-F]+$/.test(text)) {
      throw new PatternRefused(`An escape needs ${digits} hexadecimal digits.`)
    }
    this.#at += digits
    return Number.parseInt(text, 16)
  }

  #class(): UnitSet {
    const negated = this.#take('^')
    const ranges: (readonly [number, number])[] = []
    while (!this.#take(']')) {
      if (this.#at >= this.#source.length) throw new PatternRefused('A "[" has no "]".')
      ranges.push(...this.#classItem())
    }
    const set = normalised(ranges)
    const members = this.#ignoreCase ? foldedSet(set) : set
    return negated ? inverted(members) : members
  }

  #classItem(): UnitSet {
    const first = this.#classMember()
    if (this.#peek() !== '-' || this.#source.charAt(this.#at + 1) === ']') return first
    this.#at += 1
    const last = this.#classMember()
    const low = singleUnit(first)
    const high = singleUnit(last)
    if (low === undefined || high === undefined || low > high) {
      throw new PatternRefused('A range in "[…]" goes from a lower to a higher letter; a literal "-" is written "\\-".')
    }
    return [[low, high]]
  }

  #classMember(): UnitSet {
    if (this.#take('\\b')) return [[8, 8]]
    if (this.#take('\\')) return this.#escape()
    const unit = this.#source.charCodeAt(this.#at)
    this.#at += 1
    return [[unit, unit]]
  }
}

function singleUnit(set: UnitSet): number | undefined {
  const [range] = set
  return set.length === 1 && range !== undefined && range[0] === range[1] ? range[0] : undefined
}
