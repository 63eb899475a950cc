import { paint } from './positions.js'
import './expression.css'

/** A piece of an expression in the colours of the editor. */
export function Code({ source }: { source: string }) {
  return (
    <code class="code-line">
      {paint(source, []).map((piece, index) => (
        <span key={`${index} ${piece.text}`} class={`tok-${piece.kind}`}>
          {piece.text}
        </span>
      ))}
    </code>
  )
}
