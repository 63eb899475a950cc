import type { ComponentChildren } from 'preact'
import { useEffect, useId } from 'preact/hooks'
import './card.css'

interface CardProps {
  readonly title?: string | undefined
  readonly aside?: ComponentChildren
  readonly children: ComponentChildren
}

export function Card({ title, aside, children }: CardProps) {
  const id = useId()
  return (
    <section class="card" aria-labelledby={title === undefined ? undefined : id}>
      {title !== undefined && (
        <div class="card-head">
          <h2 id={id}>{title}</h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  )
}

interface PageProps {
  readonly title: string
  readonly lead?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}

/** A page: its heading, one sentence of what it is for, and its actions. */
export function PageLayout({ title, lead, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Esper`
  }, [title])
  return (
    <div class="page">
      <div class="page-head">
        <div class="page-title">
          <h1>{title}</h1>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {actions && <div class="cluster">{actions}</div>}
      </div>
      <div class="stack">{children}</div>
    </div>
  )
}
