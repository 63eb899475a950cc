import { Button } from '../../design/button.js'

interface Example {
  readonly what: string
  readonly expression: string
}

interface ExpressionHelpProps {
  readonly examples: readonly Example[]
  readonly onExample: (expression: string) => void
}

/** Beside an expression: how one is written, and examples to begin with. */
export function ExpressionHelp({ examples, onExample }: ExpressionHelpProps) {
  return (
    <>
      <h2>Writing an expression</h2>
      <p>
        Compare fields of the request with <code>=</code>, <code>!=</code>, <code>&lt;</code>, <code>in</code>, and put
        conditions together with <code>and</code> and <code>or</code>. Text stands in double quotes, a pattern between
        slashes.
      </p>
      <p>
        A field that the request lacks is not empty but missing: <code>$exists(field)</code> asks for that.
      </p>
      <h2>Examples</h2>
      <ul class="examples">
        {examples.map((example) => (
          <li key={example.expression}>
            <p>{example.what}</p>
            <code>{example.expression}</code>
            <Button size="small" label={`Use example: ${example.what}`} onClick={() => onExample(example.expression)}>
              Use it
            </Button>
          </li>
        ))}
      </ul>
    </>
  )
}
