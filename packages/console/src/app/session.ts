import { computed, signal } from '@preact/signals'
import { api } from '../api/client.js'
import { reachable, sessionState } from '../api/connection.js'
import { asApiError } from '../api/problem.js'
import { clearQueries } from '../api/query.js'
import type { MeRecord, Role } from '../api/types.js'

export type Membership = MeRecord['memberships'][number]

/** Who is signed in, and in which tenants. */
export const me = signal<MeRecord | undefined>(undefined)
export const memberships = computed<readonly Membership[]>(() => me.value?.memberships ?? [])

/** Asks who is signed in. A failure other than "nobody" leaves what is known. */
export async function loadSession(): Promise<void> {
  try {
    const answer = await api.get<MeRecord>('/me')
    const before = me.peek()?.user.user_id
    if (before !== undefined && before !== answer.user.user_id) clearQueries()
    me.value = answer
    sessionState.value = 'signed_in'
  } catch (error) {
    if (asApiError(error).status !== 401 && sessionState.peek() === 'unknown') reachable.value = false
  }
}

export async function signOut(): Promise<void> {
  await api.post('/auth/sign-out')
  clearQueries()
  me.value = undefined
  sessionState.value = 'signed_out'
}

const RANK: Readonly<Record<Role, number>> = { Viewer: 0, Analyst: 1, Admin: 2, Owner: 3 }

/** Whether a role may do what needs at least another. The server decides again. */
export function allows(role: Role | undefined, least: Role): boolean {
  return role !== undefined && RANK[role] >= RANK[least]
}
