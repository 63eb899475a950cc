import { useMemo } from 'preact/hooks'
import { Field } from '../../design/form.js'
import { plural } from '../../design/format.js'
import { parseEntries, type ReadEntries } from './parse-entries.js'
import './lists.css'

const PLACEHOLDER = `203.0.113.7
10.0.0.0/8, Office in Berlin
2001:db8::/32, Partner, 2026-12-31
alice@example.com`

const SHOWN_PROBLEMS = 5

interface EntriesFieldProps {
  readonly text: string
  readonly onText: (text: string) => void
  readonly optional?: boolean
}

export function useReadEntries(text: string): ReadEntries {
  return useMemo(() => parseEntries(text), [text])
}

/** Many entries at once, as text: what was understood is said below while it is typed. */
export function EntriesField({ text, onText, optional }: EntriesFieldProps) {
  const { entries, problems } = useReadEntries(text)
  return (
    <Field
      path="entries"
      label="Entries"
      optional={optional}
      help="One a line: an address, a range such as 10.0.0.0/8, or any other text. A note and a time it expires at may follow, as in CSV."
    >
      {(control) => (
        <>
          <textarea
            {...control}
            class="input mono entries-text"
            rows={8}
            spellcheck={false}
            placeholder={PLACEHOLDER}
            value={text}
            onInput={(event) => onText(event.currentTarget.value)}
          />
          <div class="entries-read" role="status" aria-live="polite">
            {text.trim() !== '' && <p>{plural(entries.length, 'entry', 'entries')} read.</p>}
            {problems.slice(0, SHOWN_PROBLEMS).map(({ line, message }) => (
              <p key={line} class="entries-wrong">
                Line {line}: {message}
              </p>
            ))}
            {problems.length > SHOWN_PROBLEMS && (
              <p class="entries-wrong">And {plural(problems.length - SHOWN_PROBLEMS, 'more line')} like that.</p>
            )}
          </div>
        </>
      )}
    </Field>
  )
}
