import { useState } from 'preact/hooks'
import { Button } from './button.js'
import { Icon } from './icons.js'
import { toast } from './toast.js'
import './copy.css'

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    toast('The browser did not allow copying. Select the text and copy it by hand.', 'error')
    return false
  }
}

const SHOWN_CHARACTERS = 14

/** An id, shortened, that copies whole with a click. */
export function CopyId({ id, what = 'id', whole = false }: { id: string; what?: string; whole?: boolean }) {
  const shown = whole || id.length <= SHOWN_CHARACTERS ? id : `${id.slice(0, SHOWN_CHARACTERS - 1)}…`
  const onClick = async (event: MouseEvent) => {
    event.preventDefault()
    event.stopPropagation()
    if (await copyText(id)) toast(`Copied ${what} ${id}`)
  }
  return (
    <button type="button" class="copy-id mono" title={`Copy ${id}`} aria-label={`Copy ${what} ${id}`} onClick={onClick}>
      {shown}
      <Icon name="copy" size={12} />
    </button>
  )
}

export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false)
  const onClick = async () => {
    if (!(await copyText(text))) return
    setCopied(true)
    toast('Copied')
    setTimeout(() => setCopied(false), 2000)
  }
  return (
    <Button size="small" icon={copied ? 'check' : 'copy'} label={label} onClick={onClick}>
      {copied ? 'Copied' : 'Copy'}
    </Button>
  )
}

/** Text to take away: a secret, a snippet. */
export function CopyBlock({ title, text }: { title: string; text: string }) {
  return (
    <figure class="copy-block">
      <figcaption>
        <span>{title}</span>
        <CopyButton text={text} label={`Copy ${title}`} />
      </figcaption>
      <pre class="mono">{text}</pre>
    </figure>
  )
}
