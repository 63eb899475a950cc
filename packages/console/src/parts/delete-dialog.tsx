import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { type ApiError, asApiError } from '../api/problem.js'
import { Button } from '../design/button.js'
import { TextInput } from '../design/controls.js'
import { Dialog } from '../design/dialog.js'
import { Notice } from '../design/notice.js'

interface DeleteDialogProps {
  readonly title: string
  /** What will be gone, and what depends on it. */
  readonly children: ComponentChildren
  readonly confirmLabel: string
  readonly onConfirm: () => Promise<void>
  readonly onClose: () => void
  /** Must be typed first, for what cannot be made again. */
  readonly typed?: { readonly label: string; readonly text: string } | undefined
  /** Why it cannot be done now: the button stays off. */
  readonly refused?: boolean | undefined
}

const UNTIED = { 'aria-describedby': undefined, 'aria-invalid': undefined } as const

function Failure({ failure }: { failure: ApiError }) {
  return (
    <div role="alert">
      <Notice tone="error">{failure.message}</Notice>
    </div>
  )
}

/** Asks before something is deleted, says what depends on it, and shows the API's own refusal. */
export function DeleteDialog({ title, children, confirmLabel, onConfirm, onClose, typed, refused }: DeleteDialogProps) {
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<ApiError>()
  const confirmed = typed === undefined || text.trim() === typed.text
  const onSubmit = async (event: Event) => {
    event.preventDefault()
    if (!confirmed || refused || busy) return
    setBusy(true)
    setFailure(undefined)
    try {
      await onConfirm()
    } catch (error) {
      setFailure(asApiError(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="stack" onSubmit={onSubmit}>
        {failure && <Failure failure={failure} />}
        {!failure?.problem.usedBy && <div class="stack">{children}</div>}
        {typed && (
          <div class="field">
            <label class="field-label" for="confirm-text">
              {typed.label}
            </label>
            <TextInput {...UNTIED} id="confirm-text" mono value={text} onValue={setText} />
          </div>
        )}
        <div class="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="danger" disabled={!confirmed || refused} busy={busy}>
            {confirmLabel}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
