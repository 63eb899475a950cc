import { sessionState } from '../api/connection.js'
import { Button } from '../design/button.js'
import { Notice } from '../design/notice.js'
import { loadSession } from './session.js'
import { Brand } from './shell.js'
import './signed-out.css'

/** How to get in. The URL stays, so that signing in leads back here. */
export function SignedOut() {
  return (
    <main class="gate">
      <Brand />
      <div class="card gate-card">
        <h1>Sign in to Esper</h1>
        {sessionState.value === 'expired' && (
          <Notice tone="warning">Your session has ended. Sign in again; this page is still here.</Notice>
        )}
        <ol class="gate-steps">
          <li>
            Look at the terminal where <code>npm start</code> runs. It prints a sign-in link.
          </li>
          <li>Open that link in this browser. It works once, and only for a short time.</li>
          <li>Is it used up? Press Enter in that terminal for a new one.</li>
        </ol>
        <Button kind="primary" onClick={() => void loadSession()}>
          I have signed in
        </Button>
      </div>
    </main>
  )
}

/** Before the first answer, or while there is none. */
export function Waiting({ offline }: { offline: boolean }) {
  return (
    <main class="gate" aria-busy={!offline}>
      <Brand />
      {offline ? (
        <div class="card gate-card">
          <h1>The Esper server does not answer</h1>
          <p class="muted">
            Check that it runs, for example with <code>npm start</code>. The console tries again by itself.
          </p>
          <Button kind="primary" onClick={() => void loadSession()}>
            Try now
          </Button>
        </div>
      ) : (
        <p class="visually-hidden" role="status">
          Loading
        </p>
      )}
    </main>
  )
}
