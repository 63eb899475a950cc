import { styleText } from 'node:util'
import type { Terminal } from '../terminal.js'

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow'

export type Paint = (style: Style, text: string) => string

/** Colours where somebody looks at a terminal and has not said `NO_COLOR`. */
export function paintFor(stream: { readonly isTTY?: boolean }, { NO_COLOR, TERM }: Terminal['env']): Paint {
  const on = stream.isTTY === true && !NO_COLOR && TERM !== 'dumb'
  return (style, text) => (on ? styleText(style, text, { validateStream: false }) : text)
}
