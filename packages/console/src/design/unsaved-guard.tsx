import { useEffect, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { Button } from './button.js'
import { Dialog } from './dialog.js'

function linkOf(event: MouseEvent): HTMLAnchorElement | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.button !== 0) return undefined
  const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement)
  return link instanceof HTMLAnchorElement && link.origin === location.origin && !link.target ? link : undefined
}

/** While something typed is not saved, leaving asks first: by a link, by Back, or by closing the page. */
export function UnsavedGuard({ when }: { when: boolean }) {
  const { route } = useLocation()
  const [target, setTarget] = useState<string>()
  const here = useRef(location.href)

  useEffect(() => {
    if (!when) return
    here.current = location.href
    const onClick = (event: MouseEvent) => {
      const link = linkOf(event)
      if (!link || link.href === location.href) return
      event.preventDefault()
      event.stopPropagation()
      setTarget(link.href)
    }
    const onPop = (event: PopStateEvent) => {
      event.stopImmediatePropagation()
      const wanted = location.href
      history.pushState(null, '', here.current)
      setTarget(wanted)
    }
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('click', onClick, true)
    window.addEventListener('popstate', onPop, true)
    window.addEventListener('beforeunload', onUnload)
    return () => {
      window.removeEventListener('click', onClick, true)
      window.removeEventListener('popstate', onPop, true)
      window.removeEventListener('beforeunload', onUnload)
    }
  }, [when])

  if (target === undefined) return null
  const leave = () => {
    setTarget(undefined)
    route(target.replace(location.origin, ''))
  }
  return (
    <Dialog title="Leave without saving?" onClose={() => setTarget(undefined)}>
      <p class="muted">What you changed here has not been saved and will be lost.</p>
      <div class="dialog-actions">
        <Button kind="danger" onClick={leave}>
          Leave without saving
        </Button>
        <Button kind="primary" onClick={() => setTarget(undefined)}>
          Keep editing
        </Button>
      </div>
    </Dialog>
  )
}
