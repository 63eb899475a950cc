import type { RequiredText } from '../patterns/pattern-required.js'
import { setBits } from './set-bits.js'

/** Texts looked for in one go. One pattern of very many would be too large to be compiled. */
const MOST_TOGETHER = 32

/** Letters that `$lowercase` makes ASCII of, though the flag `i` keeps them apart: dotted capital I, and the Kelvin sign. */
const LOWERED_TO_ASCII = '[\\u0130\\u212a]'

interface Together {
  readonly texts: string[]
  readonly positions: number[]
  pattern: RegExp
}

/** Which conditions a text may meet that each ask for another text within it: looked for together, in one pass. */
export class TextIndex {
  readonly #exact: Together[] = []
  readonly #anyCase: Together[] = []

  add({ text, anyCase }: RequiredText, position: number): void {
    const groups = anyCase ? this.#anyCase : this.#exact
    let group = groups.at(-1)
    if (group === undefined || group.texts.length >= MOST_TOGETHER) {
      group = { texts: anyCase ? [LOWERED_TO_ASCII] : [], positions: [], pattern: /(?!)/ }
      groups.push(group)
    }
    group.texts.push(spelled(text))
    group.positions.push(position)
    group.pattern = new RegExp(group.texts.join('|'), anyCase ? 'i' : '')
  }

  /** Sets the bits of the conditions that this text may meet: of all that were looked for together, once one is found. */
  mark(text: string, bits: Uint32Array): void {
    for (const { pattern, positions } of this.#exact) if (pattern.test(text)) setBits(bits, positions)
    for (const { pattern, positions } of this.#anyCase) if (pattern.test(text)) setBits(bits, positions)
  }
}

/** Any text as a pattern that matches just it. */
function spelled(text: string): string {
  return text.replace(/[^0-9A-Za-z]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
