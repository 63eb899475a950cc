import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks'
import type { FieldIssue } from '../api/problem.js'
import { Button, LinkButton } from './button.js'
import { type FormErrors, type FormState, sentence } from './form-state.js'
import { Icon } from './icons.js'
import { UnsavedGuard } from './unsaved-guard.js'
import './form.css'

type FormContextValue = Pick<FormState<object>, 'register' | 'errors' | 'labels' | 'failure'>

const FormContext = createContext<FormContextValue | undefined>(undefined)

interface FormProps<Values extends object> {
  readonly form: FormState<Values>
  readonly label: string
  readonly submitLabel: string
  readonly cancelHref?: string | undefined
  readonly onCancel?: (() => void) | undefined
  /** Further actions, for example Delete; they stand apart from saving. */
  readonly extra?: ComponentChildren
  readonly readOnly?: boolean | undefined
  readonly children: ComponentChildren
}

/** A form that says what the API says: a summary above, each message again at its field. Enter submits. */
export function Form<Values extends object>(props: FormProps<Values>) {
  const { form } = props
  const onSubmit = (event: Event) => {
    event.preventDefault()
    void form.submit()
  }
  const { register, errors, labels, failure } = form
  return (
    <FormContext.Provider value={{ register, errors, labels, failure }}>
      <form class="form" aria-label={props.label} noValidate onSubmit={onSubmit}>
        <UnsavedGuard when={form.dirty && !form.saving && !props.readOnly} />
        <Summary form={form} />
        <fieldset class="form-fields" disabled={form.saving || props.readOnly}>
          {props.children}
        </fieldset>
        <FormActions {...props} />
      </form>
    </FormContext.Provider>
  )
}

function FormActions<Values extends object>(props: FormProps<Values>) {
  const { form } = props
  if (props.readOnly) return null
  return (
    <div class="form-actions">
      <Button type="submit" kind="primary" busy={form.saving}>
        {form.saving ? 'Saving…' : props.submitLabel}
      </Button>
      {props.cancelHref !== undefined && (
        <LinkButton kind="quiet" href={props.cancelHref}>
          Cancel
        </LinkButton>
      )}
      {props.onCancel && (
        <Button kind="quiet" onClick={props.onCancel}>
          Cancel
        </Button>
      )}
      {props.extra && <div class="form-extra">{props.extra}</div>}
    </div>
  )
}

function Summary<Values extends object>({ form }: { form: FormState<Values> }) {
  const ref = useRef<HTMLDivElement>(null)
  const { failure, errors, labels } = form
  useEffect(() => {
    if (failure) ref.current?.focus()
  }, [failure])
  if (!failure) return null
  const rows = [...errors.byField].flatMap(([path, issues]) =>
    issues.map((issue) => ({ issue, field: labels.get(path) })),
  )
  return (
    <div ref={ref} class="form-summary" role="alert" tabIndex={-1}>
      <Icon name="warning" />
      <div>
        <strong>{failure.problem.errors.length > 0 ? failure.problem.title : failure.message}</strong>
        <ul>
          {rows.map(({ issue, field }) => (
            <li key={`${issue.path} ${issue.message}`}>
              <button type="button" onClick={() => focusField(field?.inputId)}>
                {field?.label}
              </button>
              : {sentence(issue.message)}
            </li>
          ))}
          {errors.other.map((issue) => (
            <li key={`${issue.path} ${issue.message}`}>
              {issue.path && `${issue.path}: `}
              {sentence(issue.message)}
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

function focusField(inputId: string | undefined): void {
  if (inputId !== undefined) document.getElementById(inputId)?.focus()
}

/** What a control needs to belong to its label, its help and its errors. */
export interface ControlProps {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': 'true' | undefined
}

interface FieldProps {
  /** Where the API's issues name it. */
  readonly path: string
  readonly label: string
  readonly help?: ComponentChildren
  readonly optional?: boolean | undefined
  /** Whether the control shows an issue itself, so that it is not repeated. */
  readonly shows?: ((issue: FieldIssue) => boolean) | undefined
  readonly children: (control: ControlProps) => ComponentChildren
}

function useField(path: string, label: string) {
  const context = useContext(FormContext)
  const id = useId()
  const register = context?.register
  useEffect(() => register?.({ path, label, inputId: id }), [path, label, id])
  const errors = context?.errors
  const [editedSince, setEditedSince] = useState<FormErrors>()
  return {
    id,
    issues: (editedSince !== errors && errors?.byField.get(path)) || [],
    /** What the API said of an earlier value says nothing of the new one. */
    onEdit: () => setEditedSince(errors),
  }
}

export function Issues({ id, issues }: { id: string; issues: readonly FieldIssue[] }) {
  if (issues.length === 0) return null
  return (
    <div id={id} class="field-errors">
      {issues.map((issue) => (
        <p key={issue.message}>
          {issue.line !== undefined && issue.column !== undefined && `Line ${issue.line}, column ${issue.column}: `}
          {sentence(issue.message)}
        </p>
      ))}
    </div>
  )
}

/** Label above, control, help and errors below. */
export function Field({ path, label, help, optional, shows, children }: FieldProps) {
  const { id, issues: all, onEdit } = useField(path, label)
  const issues = all.filter((issue) => !shows?.(issue))
  const described = [issues.length > 0 && `${id}-errors`, help !== undefined && `${id}-help`].filter(Boolean).join(' ')
  return (
    <div class={issues.length > 0 ? 'field field-invalid' : 'field'} onInput={onEdit}>
      <div class="field-label">
        <label for={id}>{label}</label>
        {optional && <small>optional</small>}
      </div>
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': issues.length > 0 ? 'true' : undefined,
      })}
      <Issues id={`${id}-errors`} issues={issues} />
      {help !== undefined && (
        <p id={`${id}-help`} class="field-help">
          {help}
        </p>
      )}
    </div>
  )
}

/** The same for several controls under one name. */
export function FieldGroup({
  path,
  label,
  help,
  optional,
  children,
}: Omit<FieldProps, 'children'> & { children: ComponentChildren }) {
  const { id, issues } = useField(path, label)
  return (
    <fieldset class={issues.length > 0 ? 'field field-invalid' : 'field'} id={id} tabIndex={-1}>
      <legend class="field-label">
        {label}
        {optional && <small>optional</small>}
      </legend>
      {children}
      <Issues id={`${id}-errors`} issues={issues} />
      {help !== undefined && <p class="field-help">{help}</p>}
    </fieldset>
  )
}
