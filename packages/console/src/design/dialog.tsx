import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { IconButton } from './button.js'
import './dialog.css'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
  /** `side` comes in from the left edge: the navigation on a narrow screen. */
  readonly kind?: 'center' | 'wide' | 'side' | undefined
  /** Whether Escape and a click beside it close it; not while something would be lost. */
  readonly dismissible?: boolean | undefined
}

/** The browser's own modal dialog: it traps the focus, makes the rest inert and gives the focus back. */
export function Dialog({ title, onClose, children, kind = 'center', dismissible = true }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const titleId = useId()

  useEffect(() => {
    const dialog = ref.current
    const before = document.activeElement
    if (dialog && !dialog.open) dialog.showModal()
    return () => {
      dialog?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])

  const onCancel = (event: Event) => {
    event.preventDefault()
    if (dismissible) onClose()
  }

  // A click on the backdrop arrives at the dialog itself; the keyboard's way is Escape.
  useEffect(() => {
    const dialog = ref.current
    if (!dialog || !dismissible) return
    const onPointer = (event: MouseEvent) => {
      if (event.target === dialog) onClose()
    }
    dialog.addEventListener('mousedown', onPointer)
    return () => dialog.removeEventListener('mousedown', onPointer)
  }, [dismissible, onClose])

  return (
    <dialog ref={ref} class={`dialog dialog-${kind}`} aria-labelledby={titleId} onCancel={onCancel}>
      <div class="dialog-inner">
        <div class="dialog-head">
          <h2 id={titleId}>{title}</h2>
          {dismissible && <IconButton icon="close" label="Close" onClick={onClose} />}
        </div>
        {children}
      </div>
    </dialog>
  )
}
