import { useEffect } from 'preact/hooks'
import { api } from '../../api/client.js'
import { type Query, useQuery } from '../../api/query.js'
import type { SetupRecord } from '../../api/types.js'

const POLL_MS = 4000
const DONE_KEY = 'esper-console-set-up:'

export function useSetup(base: string): Query<SetupRecord> {
  return useQuery(`${base}/setup`, () => api.get<SetupRecord>(`${base}/setup`), { pollMs: POLL_MS })
}

/** Whether something is left to set up. Until the server says, what it was last time, so that the page does not jump. */
export function useSetupOpen(tenantId: string, setup: SetupRecord | undefined): boolean {
  const key = DONE_KEY + tenantId
  const done = setup?.steps.every((step) => step.done)
  useEffect(() => {
    if (done === true) localStorage.setItem(key, 'done')
    if (done === false) localStorage.removeItem(key)
  }, [key, done])
  return done === undefined ? localStorage.getItem(key) !== 'done' : !done
}
