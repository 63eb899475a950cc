import { cleanup, render, screen } from '@testing-library/preact'
import { afterEach, beforeEach, vi } from 'vitest'
import { reachable, sessionState } from '../api/connection.js'
import { clearQueries } from '../api/query.js'
import { App } from '../app/app.js'
import { me } from '../app/session.js'
import type { FakeApi } from './fake-api.js'

/** For tests of a page within the whole console: each begins with nothing known, and a browser that can show dialogs. */
export function useApp(): void {
  beforeEach(() => {
    clearQueries()
    localStorage.clear()
    me.value = undefined
    reachable.value = true
    sessionState.value = 'unknown'
    HTMLDialogElement.prototype.showModal ??= () => undefined
    HTMLDialogElement.prototype.close ??= () => undefined
  })
  afterEach(() => {
    cleanup()
    vi.unstubAllGlobals()
  })
}

/** Opens the console at an address. */
export function open(path: string): void {
  history.replaceState(null, '', path)
  render(<App />)
}

export const heading = (name: string) => screen.findByRole('heading', { level: 1, name }, { timeout: 5000 })

/** What was sent with each call of that kind. */
export function sent(api: FakeApi, call: string): readonly unknown[] {
  return api.calls.filter((one) => one.call === call).map(({ body }) => body)
}
