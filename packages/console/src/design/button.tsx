import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icons.js'
import './button.css'

interface Look {
  /** One `primary` a view: the thing to do next. */
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger' | undefined
  readonly size?: 'small' | undefined
  readonly icon?: IconName | undefined
}

interface ButtonProps extends Look {
  readonly children: ComponentChildren
  readonly type?: 'button' | 'submit' | undefined
  readonly disabled?: boolean | undefined
  readonly busy?: boolean | undefined
  readonly label?: string | undefined
  readonly onClick?: ((event: MouseEvent) => void) | undefined
}

function classOf({ kind = 'plain', size }: Look): string {
  return `button button-${kind}${size ? ` button-${size}` : ''}`
}

export function Button({ children, type = 'button', disabled, busy, label, onClick, ...look }: ButtonProps) {
  return (
    <button
      type={type}
      class={classOf(look)}
      disabled={disabled || busy}
      aria-busy={busy ? 'true' : undefined}
      aria-label={label}
      onClick={onClick}
    >
      {look.icon && <Icon name={look.icon} />}
      {children}
    </button>
  )
}

/** A link that looks like a button: for going to a form, not for doing something. */
export function LinkButton({ href, children, ...look }: Look & { href: string; children: ComponentChildren }) {
  return (
    <a class={classOf(look)} href={href}>
      {look.icon && <Icon name={look.icon} />}
      {children}
    </a>
  )
}

interface IconButtonProps {
  readonly icon: IconName
  readonly label: string
  readonly onClick: () => void
  readonly expanded?: boolean | undefined
}

export function IconButton({ icon, label, onClick, expanded }: IconButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      aria-expanded={expanded}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  )
}
