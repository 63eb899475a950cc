import { useId, useRef, useState } from 'preact/hooks'
import type { ExpressionIssueRecord } from '../../api/types.js'
import type { ControlProps } from '../../design/form.js'
import { type Completion, complete, completionsFor, prefixAt, type Vocabulary } from './completion.js'
import { paint } from './positions.js'
import '../../design/offers.css'
import './expression.css'

interface ExpressionEditorProps extends ControlProps {
  readonly value: string
  readonly onValue: (value: string) => void
  readonly issues: readonly ExpressionIssueRecord[]
  readonly vocabulary: Vocabulary
  readonly placeholder?: string | undefined
}

interface Offer {
  readonly items: readonly Completion[]
  readonly active: number
}

const NO_OFFER: Offer = { items: [], active: 0 }

function Painted({ value, issues }: { value: string; issues: readonly ExpressionIssueRecord[] }) {
  return (
    <pre class="editor-paint" aria-hidden="true">
      {paint(value, issues).map((piece, index) => (
        <span key={`${index} ${piece.text}`} class={`tok-${piece.kind}${piece.marked ? ' tok-wrong' : ''}`}>
          {piece.text}
        </span>
      ))}
      {'\n'}
    </pre>
  )
}

/** A text area over a painted copy of its text, with completion of fields and functions. Tab leaves it, as everywhere. */
export function ExpressionEditor({ value, onValue, issues, vocabulary, ...rest }: ExpressionEditorProps) {
  const [offer, setOffer] = useState(NO_OFFER)
  const input = useRef<HTMLTextAreaElement>(null)
  const listId = useId()
  const open = offer.items.length > 0

  const look = (element: HTMLTextAreaElement) => {
    const caret = element.selectionStart
    setOffer({ items: completionsFor(prefixAt(element.value, caret), vocabulary), active: 0 })
  }
  const take = (completion: Completion) => {
    const element = input.current
    if (!element) return
    const done = complete(element.value, element.selectionStart, completion)
    onValue(done.text)
    setOffer(NO_OFFER)
    requestAnimationFrame(() => {
      element.focus()
      element.setSelectionRange(done.caret, done.caret)
    })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (open && handleOfferKey(event, offer, setOffer, take)) return
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) input.current?.form?.requestSubmit()
  }

  return (
    <div class="editor">
      <div class="editor-sheet">
        <Painted value={value} issues={issues} />
        <textarea
          {...rest}
          ref={input}
          class="editor-input"
          spellcheck={false}
          autoCapitalize="off"
          autoComplete="off"
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={open ? listId : undefined}
          aria-activedescendant={open ? `${listId}-${offer.active}` : undefined}
          value={value}
          onInput={(event) => {
            onValue(event.currentTarget.value)
            look(event.currentTarget)
          }}
          onKeyDown={onKeyDown}
          onBlur={() => setOffer(NO_OFFER)}
          onClick={() => setOffer(NO_OFFER)}
        />
      </div>
      {open && <Offers id={listId} offer={offer} onTake={take} />}
    </div>
  )
}

function handleOfferKey(
  event: KeyboardEvent,
  offer: Offer,
  setOffer: (offer: Offer) => void,
  take: (completion: Completion) => void,
): boolean {
  const count = offer.items.length
  const chosen = offer.items[offer.active]
  if (event.key === 'ArrowDown') setOffer({ ...offer, active: (offer.active + 1) % count })
  else if (event.key === 'ArrowUp') setOffer({ ...offer, active: (offer.active + count - 1) % count })
  else if (event.key === 'Escape') setOffer(NO_OFFER)
  else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && chosen) take(chosen)
  else return false
  event.preventDefault()
  event.stopPropagation()
  return true
}

function Offers({ id, offer, onTake }: { id: string; offer: Offer; onTake: (completion: Completion) => void }) {
  return (
    <div id={id} class="offers" role="listbox" aria-label="Completions">
      {offer.items.map((item, index) => (
        <div
          key={item.label}
          id={`${id}-${index}`}
          class={index === offer.active ? 'offer offer-on' : 'offer'}
          role="option"
          tabIndex={-1}
          aria-selected={index === offer.active}
          onMouseDown={(event) => {
            event.preventDefault()
            onTake(item)
          }}
        >
          <code>{item.label}</code>
          <small>{item.note}</small>
        </div>
      ))}
    </div>
  )
}
