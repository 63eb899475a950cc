import { useMemo, useRef, useState } from 'preact/hooks'
import { type ApiError, asApiError, type FieldIssue } from '../api/problem.js'

/** Paths of a form's fields with what is wrong at each. */
export interface FormErrors {
  readonly byField: ReadonlyMap<string, readonly FieldIssue[]>
  /** Issues of a path no field shows. */
  readonly other: readonly FieldIssue[]
}

const NO_ERRORS: FormErrors = { byField: new Map(), other: [] }

/** The field an issue belongs to: the one of its path, or of the nearest part above it (`key_fields.0` -> `key_fields`). */
export function fieldOf(path: string, fields: ReadonlySet<string>): string | undefined {
  const parts = path.split('.')
  for (let length = parts.length; length > 0; length--) {
    const candidate = parts.slice(0, length).join('.')
    if (fields.has(candidate)) return candidate
  }
  return undefined
}

export function sortIssues(issues: readonly FieldIssue[], fields: ReadonlySet<string>): FormErrors {
  const byField = new Map<string, FieldIssue[]>()
  const other: FieldIssue[] = []
  for (const issue of issues) {
    const field = fieldOf(issue.path, fields)
    if (field === undefined) other.push(issue)
    else byField.set(field, [...(byField.get(field) ?? []), issue])
  }
  return { byField, other }
}

export interface FormState<Values> {
  readonly values: Values
  readonly set: (patch: Partial<Values>) => void
  readonly dirty: boolean
  readonly saving: boolean
  /** What the API said of the last attempt to save. */
  readonly failure: ApiError | undefined
  readonly errors: FormErrors
  /** Fields register while they render, so that each issue finds its place. */
  readonly register: (field: Registered) => () => void
  readonly labels: ReadonlyMap<string, Registered>
  readonly submit: () => Promise<void>
}

export interface Registered {
  readonly path: string
  readonly label: string
  readonly inputId: string
}

interface FormOptions<Values> {
  readonly initial: Values
  /** Saves; an `ApiError` it throws is shown at the fields it names. */
  readonly save: (values: Values) => Promise<void>
}

export function useForm<Values extends object>({ initial, save }: FormOptions<Values>): FormState<Values> {
  const [start, setStart] = useState(initial)
  const [values, setValues] = useState(initial)
  const [saving, setSaving] = useState(false)
  const [failure, setFailure] = useState<ApiError>()
  const labels = useRef(new Map<string, Registered>()).current

  const errors = useMemo(
    () => (failure ? sortIssues(failure.problem.errors, new Set(labels.keys())) : NO_ERRORS),
    [failure, labels],
  )

  const submit = async () => {
    if (saving) return
    setSaving(true)
    setFailure(undefined)
    try {
      await save(values)
      setStart(values)
    } catch (error) {
      setFailure(asApiError(error))
    } finally {
      setSaving(false)
    }
  }

  return {
    values,
    set: (patch) => setValues((current) => ({ ...current, ...patch })),
    dirty: JSON.stringify(values) !== JSON.stringify(start),
    saving,
    failure,
    errors,
    register: (field) => {
      labels.set(field.path, field)
      return () => labels.delete(field.path)
    },
    labels,
    submit,
  }
}

/** `must not be empty` -> `Must not be empty.`; a message that is a sentence already stays as it is. */
export function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1)
  return /[.?!]$/.test(text) ? text : `${text}.`
}
