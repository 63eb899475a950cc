import { signal } from '@preact/signals'
import { IconButton } from './button.js'
import { Icon } from './icons.js'
import './toast.css'

interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: 'good' | 'error'
}

const toasts = signal<readonly Toast[]>([])
const SHOWN_MS = 5000
let lastId = 0

function dismiss(id: number): void {
  toasts.value = toasts.peek().filter((toast) => toast.id !== id)
}

/** Says what happened, in a corner and to screen readers; never the only place where an error is shown. */
export function toast(text: string, tone: Toast['tone'] = 'good'): void {
  const id = ++lastId
  toasts.value = [...toasts.peek().slice(-2), { id, text, tone }]
  setTimeout(() => dismiss(id), SHOWN_MS)
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, tone }) => (
        <div key={id} class={`toast toast-${tone}`}>
          <Icon name={tone === 'good' ? 'check' : 'warning'} />
          <span>{text}</span>
          <IconButton icon="close" label="Dismiss" onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  )
}
