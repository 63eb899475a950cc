import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import './disclosure.css'

interface DisclosureProps {
  /** Accessible name of the button, where what it shows does not say it. */
  readonly label: string
  readonly button: ComponentChildren
  readonly buttonClass: string
  readonly align?: 'start' | 'end' | undefined
  readonly children: (close: () => void) => ComponentChildren
}

/** A button with a small panel under it. Escape, a click elsewhere or leaving by Tab closes it. */
export function Disclosure({ label, button, buttonClass, align = 'start', children }: DisclosureProps) {
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const trigger = useRef<HTMLButtonElement>(null)
  const panelId = useId()

  useEffect(() => {
    if (!open) return
    const onOutside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false)
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      setOpen(false)
      trigger.current?.focus()
    }
    document.addEventListener('pointerdown', onOutside)
    document.addEventListener('focusin', onOutside)
    document.addEventListener('keydown', onKey)
    return () => {
      document.removeEventListener('pointerdown', onOutside)
      document.removeEventListener('focusin', onOutside)
      document.removeEventListener('keydown', onKey)
    }
  }, [open])

  return (
    <div class="disclosure" ref={root}>
      <button
        ref={trigger}
        type="button"
        class={buttonClass}
        aria-label={label}
        aria-expanded={open}
        aria-controls={panelId}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      <div id={panelId} class={`disclosure-panel disclosure-${align}`} hidden={!open}>
        {open && children(() => setOpen(false))}
      </div>
    </div>
  )
}
