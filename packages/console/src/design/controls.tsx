import type { ComponentChildren } from 'preact'
import type { ControlProps } from './form.js'
import './controls.css'

interface TextInputProps extends ControlProps {
  readonly value: string
  readonly onValue: (value: string) => void
  readonly placeholder?: string | undefined
  readonly mono?: boolean | undefined
  readonly inputMode?: 'email' | 'url' | undefined
}

export function TextInput({ value, onValue, mono, ...rest }: TextInputProps) {
  return (
    <input
      {...rest}
      type="text"
      class={mono ? 'input mono' : 'input'}
      value={value}
      autoComplete="off"
      spellcheck={false}
      onInput={(event) => onValue(event.currentTarget.value)}
    />
  )
}

/** A whole number as text until it is saved: what was typed stays on screen, and the API says what is wrong with it. */
export function NumberInput({ value, onValue, ...rest }: Omit<TextInputProps, 'mono' | 'inputMode'>) {
  return (
    <input
      {...rest}
      type="text"
      inputMode="numeric"
      class="input input-number num"
      value={value}
      autoComplete="off"
      onInput={(event) => onValue(event.currentTarget.value)}
    />
  )
}

export function TextArea({ value, onValue, ...rest }: Omit<TextInputProps, 'mono' | 'inputMode'>) {
  return (
    <textarea {...rest} class="input" rows={2} value={value} onInput={(event) => onValue(event.currentTarget.value)} />
  )
}

interface SelectProps<Value extends string> extends ControlProps {
  readonly value: Value
  readonly options: readonly { readonly value: Value; readonly label: string; readonly disabled?: boolean }[]
  readonly onValue: (value: Value) => void
}

export function Select<Value extends string>({ value, options, onValue, ...rest }: SelectProps<Value>) {
  return (
    <select
      {...rest}
      class="input select"
      value={value}
      onChange={(event) => {
        const chosen = options.find((option) => option.value === event.currentTarget.value)
        if (chosen) onValue(chosen.value)
      }}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value} disabled={option.disabled} selected={option.value === value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}

interface CheckboxProps {
  readonly label: string
  readonly note?: ComponentChildren
  readonly checked: boolean
  readonly onChecked: (checked: boolean) => void
  readonly disabled?: boolean | undefined
}

export function Checkbox({ label, note, checked, onChecked, disabled }: CheckboxProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChecked(event.currentTarget.checked)}
      />
      <span>
        {label}
        {note !== undefined && <small>{note}</small>}
      </span>
    </label>
  )
}

interface CheckboxGroupProps {
  readonly options: readonly { readonly value: string; readonly label: string; readonly note?: string | undefined }[]
  readonly values: readonly string[]
  readonly onValues: (values: readonly string[]) => void
}

export function CheckboxGroup({ options, values, onValues }: CheckboxGroupProps) {
  const onChecked = (value: string, checked: boolean) =>
    onValues(checked ? [...values, value] : values.filter((other) => other !== value))
  return (
    <div class="check-group">
      {options.map((option) => (
        <Checkbox
          key={option.value}
          label={option.label}
          note={option.note}
          checked={values.includes(option.value)}
          onChecked={(checked) => onChecked(option.value, checked)}
        />
      ))}
    </div>
  )
}

interface RadioCardsProps<Value extends string> {
  readonly name: string
  readonly value: Value
  readonly options: readonly { readonly value: Value; readonly label: string; readonly note: string }[]
  readonly onValue: (value: Value) => void
}

/** One of a few, each with a sentence of what it means. */
export function RadioCards<Value extends string>({ name, value, options, onValue }: RadioCardsProps<Value>) {
  return (
    <div class="radio-cards">
      {options.map((option) => (
        <label key={option.value} class={option.value === value ? 'radio-card radio-card-on' : 'radio-card'}>
          <input
            type="radio"
            name={name}
            value={option.value}
            aria-label={option.label}
            aria-describedby={`${name}-${option.value}`}
            checked={option.value === value}
            onChange={() => onValue(option.value)}
          />
          <span>
            <strong>{option.label}</strong>
            <small id={`${name}-${option.value}`}>{option.note}</small>
          </span>
        </label>
      ))}
    </div>
  )
}

interface CompactSelectProps<Value extends string> {
  /** Accessible name: it has no label on screen. */
  readonly label: string
  readonly value: Value
  readonly options: readonly { readonly value: Value; readonly label: string }[]
  readonly onValue: (value: Value) => void
}

/** A choice in a table or a heading, where its surroundings say what it is. */
export function CompactSelect<Value extends string>({ label, value, options, onValue }: CompactSelectProps<Value>) {
  return (
    <select
      class="input select select-compact"
      aria-label={label}
      value={value}
      onChange={(event) => {
        const chosen = options.find((option) => option.value === event.currentTarget.value)
        if (chosen) onValue(chosen.value)
      }}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value} selected={option.value === value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}
