import { useId, useRef, useState } from 'preact/hooks'
import type { FieldRecord } from '../api/types.js'
import type { ControlProps } from '../design/form.js'
import { Icon } from '../design/icons.js'
import { unfinished } from './field-stem.js'
import '../design/offers.css'
import './field-picker.css'

interface FieldPickerProps extends ControlProps {
  readonly values: readonly string[]
  readonly onValues: (values: readonly string[]) => void
  readonly fields: readonly FieldRecord[]
  readonly placeholder?: string | undefined
  /** At most this many; one makes it a picker of a single field. */
  readonly most: number
}

const OFFERED = 8

function offersFor(text: string, values: readonly string[], fields: readonly FieldRecord[]): readonly FieldRecord[] {
  const typed = text.trim().toLowerCase()
  const free = fields.filter((field) => !values.includes(field.name))
  const begins = free.filter((field) => field.name.toLowerCase().startsWith(typed))
  const holds = free.filter((field) => !begins.includes(field) && field.name.toLowerCase().includes(typed))
  return [...begins, ...holds].slice(0, OFFERED)
}

/** Fields in their order: picked from the catalog, or typed when they are the application's own, such as `body.user.email`. */
export function FieldPicker({ values, onValues, fields, placeholder, most, ...rest }: FieldPickerProps) {
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const input = useRef<HTMLInputElement>(null)
  const listId = useId()
  const offers = open && values.length < most ? offersFor(text, values, fields) : []

  const add = (name: string) => {
    const field = name.trim()
    if (field !== '' && !values.includes(field)) onValues(most === 1 ? [field] : [...values, field])
    setText('')
    setActive(-1)
  }
  const pick = (field: FieldRecord) => {
    const rest = unfinished(field)
    if (rest === undefined) return add(field.name)
    setText(rest)
    setActive(-1)
    input.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const count = offers.length
    if (event.key === 'ArrowDown' && count > 0) setActive((active + 1) % count)
    else if (event.key === 'ArrowUp' && count > 0) setActive((active + count) % count)
    else if (event.key === 'Escape' && open) setOpen(false)
    else if (event.key === 'Enter' && offers[active]) pick(offers[active])
    else if ((event.key === 'Enter' || event.key === ',') && text.trim() !== '') add(text)
    else if (event.key === 'Backspace' && text === '' && values.length > 0) return onValues(values.slice(0, -1))
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div class="field-picker">
      <div class="tokens">
        {values.map((value) => (
          <span key={value} class="token mono">
            {value}
            <button
              type="button"
              aria-label={`Remove ${value}`}
              onClick={() => onValues(values.filter((one) => one !== value))}
            >
              <Icon name="close" size={12} />
            </button>
          </span>
        ))}
        {values.length < most && (
          <input
            {...rest}
            ref={input}
            type="text"
            class="tokens-input mono"
            role="combobox"
            autoComplete="off"
            spellcheck={false}
            aria-autocomplete="list"
            aria-expanded={offers.length > 0}
            aria-controls={listId}
            aria-activedescendant={active >= 0 && offers[active] ? `${listId}-${active}` : undefined}
            placeholder={values.length === 0 ? placeholder : 'Add a field'}
            value={text}
            onInput={(event) => {
              setText(event.currentTarget.value)
              setOpen(true)
              setActive(-1)
            }}
            onFocus={() => setOpen(true)}
            onBlur={() => {
              setOpen(false)
              add(text)
            }}
            onKeyDown={onKeyDown}
          />
        )}
      </div>
      <div id={listId} class="offers" role="listbox" aria-label="Fields" hidden={offers.length === 0}>
        {offers.map((field, index) => (
          <div
            key={field.name}
            id={`${listId}-${index}`}
            class={index === active ? 'offer offer-on' : 'offer'}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            onMouseDown={(event) => {
              event.preventDefault()
              pick(field)
            }}
          >
            <code>{field.name}</code>
            <small>{field.meaning}</small>
          </div>
        ))}
      </div>
    </div>
  )
}
