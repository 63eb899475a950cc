import { useCollection } from '../../api/resources.js'
import type {
  ExplainDraftInput,
  ExpressionCheck,
  ExpressionCheckInput,
  ExpressionIssueRecord,
} from '../../api/types.js'
import { Field } from '../../design/form.js'
import { sentence } from '../../design/form-state.js'
import { ExpressionEditor } from './expression-editor.js'
import { TryOut } from './try-out.js'
import { useCheck } from './use-check.js'

interface ExpressionFieldProps {
  /** `/tenants/{tenant_id}` */
  readonly base: string
  readonly path: string
  readonly label: string
  readonly kind: NonNullable<ExpressionCheckInput['kind']>
  readonly value: string
  readonly onValue: (value: string) => void
  readonly help?: string | undefined
  readonly placeholder?: string | undefined
  readonly optional?: boolean | undefined
  /** What else is tried with it, of a policy. */
  readonly draft?: Omit<ExplainDraftInput, 'expression' | 'kind'> | undefined
}

const NONE: readonly ExpressionIssueRecord[] = []

/** An expression, checked by the server while it is typed and underlined where it is wrong. */
export function ExpressionField({ base, path, label, kind, value, onValue, ...rest }: ExpressionFieldProps) {
  const fields = useCollection(base, 'fields')
  const functions = useCollection(base, 'functions')
  const check = useCheck(base, value, kind)
  const errors = check && !check.ok ? check.errors : NONE
  const isEmpty = value.trim() === ''
  const warnings = check?.ok && !isConstant(value) ? check.warnings : NONE
  return (
    <Field
      path={path}
      label={label}
      help={rest.help}
      optional={rest.optional}
      shows={(issue) => errors.some((error) => error.line === issue.line && error.column === issue.column)}
    >
      {(control) => (
        <>
          <ExpressionEditor
            {...control}
            aria-invalid={errors.length > 0 ? 'true' : control['aria-invalid']}
            value={value}
            onValue={onValue}
            issues={errors}
            vocabulary={{ fields: fields.data ?? [], functions: functions.data ?? [] }}
            placeholder={rest.placeholder}
          />
          <Verdict check={isEmpty ? undefined : check} warnings={warnings} />
          {!isEmpty && (
            <TryOut base={base} valid={check?.ok === true} draft={{ ...rest.draft, kind, expression: value }} />
          )}
        </>
      )}
    </Field>
  )
}

/** `true` is how a policy leaves the matching to its actions: no mistake to warn of. */
function isConstant(expression: string): boolean {
  return expression.trim() === 'true'
}

interface VerdictProps {
  readonly check: ExpressionCheck | undefined
  readonly warnings: readonly ExpressionIssueRecord[]
}

function Verdict({ check, warnings }: VerdictProps) {
  return (
    <div class="verdict" role="status" aria-live="polite">
      {check && !check.ok && check.errors.map((issue) => <IssueLine key={issue.message} issue={issue} tone="wrong" />)}
      {check?.ok && (
        <>
          <p class="verdict-ok">{readsSentence(check.fields)}</p>
          {warnings.map((issue) => (
            <IssueLine key={issue.message} issue={issue} tone="warning" />
          ))}
        </>
      )}
    </div>
  )
}

function readsSentence(fields: readonly string[]): string {
  return fields.length === 0 ? 'Valid. It reads no field.' : `Valid. It reads ${fields.join(', ')}.`
}

function IssueLine({ issue, tone }: { issue: ExpressionIssueRecord; tone: 'wrong' | 'warning' }) {
  return (
    <p class={`verdict-${tone}`}>
      Line {issue.line}, column {issue.column}: {sentence(issue.message)}
      {issue.instead !== undefined && <span class="verdict-instead"> Instead: {issue.instead}</span>}
    </p>
  )
}
