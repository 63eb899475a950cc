import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import './tabs.css'

export interface Tab {
  readonly id: string
  readonly label: string
  readonly href: string
  readonly count?: number | undefined
}

function step(key: string, index: number, count: number): number | undefined {
  if (key === 'ArrowRight') return (index + 1) % count
  if (key === 'ArrowLeft') return (index + count - 1) % count
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return undefined
}

interface TabsProps {
  readonly label: string
  readonly tabs: readonly Tab[]
  readonly current: string
  readonly children: ComponentChildren
}

/** Tabs whose place is in the URL: each is a link, arrows move between them, Enter opens. */
export function Tabs({ label, tabs, current, children }: TabsProps) {
  const id = useId()
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.currentTarget instanceof HTMLElement)) return
    const links: readonly Element[] = [...event.currentTarget.querySelectorAll('a')]
    const index = document.activeElement ? links.indexOf(document.activeElement) : -1
    const next = step(event.key, index, links.length)
    if (next === undefined) return
    event.preventDefault()
    const link = links[next]
    if (link instanceof HTMLElement) link.focus()
  }
  return (
    <div class="tabs">
      <div class="tab-list" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <a
            key={tab.id}
            id={`${id}-${tab.id}`}
            class="tab"
            role="tab"
            href={tab.href}
            aria-selected={tab.id === current}
            aria-controls={`${id}-panel`}
            tabIndex={tab.id === current ? 0 : -1}
          >
            {tab.label}
            {tab.count !== undefined && <small aria-hidden="true">{tab.count}</small>}
          </a>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${current}`} class="stack">
        {children}
      </div>
    </div>
  )
}
