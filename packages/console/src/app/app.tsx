import { useEffect } from 'preact/hooks'
import { LocationProvider } from 'preact-iso'
import { reachable, sessionState, watchConnection } from '../api/connection.js'
import { Toasts } from '../design/toast.js'
import { recover } from './connection-banner.js'
import { CrashBoundary } from './crash-boundary.js'
import { Routes } from './routes.js'
import { loadSession, me } from './session.js'
import { Shell } from './shell.js'
import { SignedOut, Waiting } from './signed-out.js'
import { watchTheme } from './theme.js'

const RETRY_MS = 3000

/** While the server does not answer, asks again every few seconds. */
function useRecovery(): void {
  const offline = !reachable.value
  useEffect(() => {
    if (!offline) return
    const timer = setInterval(() => void recover(), RETRY_MS)
    return () => clearInterval(timer)
  }, [offline])
}

export function App() {
  useEffect(watchTheme, [])
  useEffect(() => {
    void loadSession()
    return watchConnection(() => void recover())
  }, [])
  useRecovery()
  return (
    <LocationProvider>
      <Gate />
      <Toasts />
    </LocationProvider>
  )
}

function Gate() {
  if (sessionState.value === 'signed_out' || sessionState.value === 'expired') return <SignedOut />
  if (me.value === undefined) return <Waiting offline={!reachable.value} />
  return (
    <Shell>
      <CrashBoundary>
        <Routes />
      </CrashBoundary>
    </Shell>
  )
}
