import { reachable } from '../api/connection.js'
import { refreshAll } from '../api/query.js'
import { Button } from '../design/button.js'
import { Notice } from '../design/notice.js'
import { loadSession } from './session.js'

/** Asks again for who is signed in and for all that is on screen. */
export async function recover(): Promise<void> {
  await loadSession()
  if (reachable.peek()) refreshAll()
}

/** Shown while the server does not answer: what is on screen may be old. */
export function ConnectionBanner() {
  return (
    <div aria-live="polite">
      {!reachable.value && (
        <div class="banner">
          <Notice
            tone="warning"
            action={
              <Button size="small" onClick={() => void recover()}>
                Try now
              </Button>
            }
          >
            <strong>The Esper server does not answer.</strong> What you see may be old. The console tries again by
            itself.
          </Notice>
        </div>
      )}
    </div>
  )
}
