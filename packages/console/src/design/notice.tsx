import type { ComponentChildren } from 'preact'
import type { ApiError } from '../api/problem.js'
import { Button } from './button.js'
import { Icon, type IconName } from './icons.js'
import './notice.css'

type NoticeTone = 'info' | 'warning' | 'error' | 'good'
const ICONS: Readonly<Record<NoticeTone, IconName>> = {
  info: 'info',
  warning: 'warning',
  error: 'warning',
  good: 'check',
}

interface NoticeProps {
  readonly tone: NoticeTone
  readonly children: ComponentChildren
  readonly action?: ComponentChildren
}

export function Notice({ tone, children, action }: NoticeProps) {
  return (
    <div class={`notice notice-${tone}`}>
      <Icon name={ICONS[tone]} />
      <div class="notice-body">{children}</div>
      {action}
    </div>
  )
}

/** What failed, why, and a way to try again. */
export function ErrorNotice({ what, error, onRetry }: { what: string; error: ApiError; onRetry?: () => void }) {
  return (
    <div role="alert">
      <Notice
        tone="error"
        action={
          onRetry && (
            <Button size="small" onClick={onRetry}>
              Try again
            </Button>
          )
        }
      >
        <strong>{what}</strong>
        <p>{error.message}</p>
      </Notice>
    </div>
  )
}

interface EmptyProps {
  readonly title: string
  readonly children: ComponentChildren
  readonly action?: ComponentChildren
}

/** A list with nothing in it: what it is for, and the one thing to do. */
export function Empty({ title, children, action }: EmptyProps) {
  return (
    <div class="empty">
      <h3>{title}</h3>
      <div class="empty-text">{children}</div>
      {action}
    </div>
  )
}

/** Grey shapes where content will be, so that nothing jumps when it comes. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div class="skeleton-lines" aria-hidden="true">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} class="skeleton" />
      ))}
    </div>
  )
}
