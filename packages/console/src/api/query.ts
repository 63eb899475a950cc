import { type Signal, signal } from '@preact/signals'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { pageVisible } from './connection.js'
import { type ApiError, asApiError } from './problem.js'

/** What is known of one thing the server was asked for. `data` stays while it is asked again or the asking fails. */
export interface QueryState<T> {
  readonly data: T | undefined
  readonly error: ApiError | undefined
  readonly loading: boolean
  readonly updatedAt: number
}

interface Entry {
  readonly state: Signal<QueryState<unknown>>
  load: () => Promise<unknown>
  inFlight: Promise<void> | undefined
  users: number
  /** Rises with each invalidation: an answer asked for before one is not kept. */
  round: number
}

const NOTHING: QueryState<never> = { data: undefined, error: undefined, loading: true, updatedAt: 0 }
const FRESH_MS = 500
const entries = new Map<string, Entry>()

function entryOf(key: string, load: () => Promise<unknown>): Entry {
  const known = entries.get(key)
  if (known) return known
  const created: Entry = { state: signal(NOTHING), load, inFlight: undefined, users: 0, round: 0 }
  entries.set(key, created)
  return created
}

async function run(entry: Entry): Promise<void> {
  const { round } = entry
  entry.state.value = { ...entry.state.peek(), loading: true }
  try {
    const data = await entry.load()
    if (round === entry.round) entry.state.value = { data, error: undefined, loading: false, updatedAt: Date.now() }
  } catch (error) {
    if (round === entry.round) entry.state.value = { ...entry.state.peek(), error: asApiError(error), loading: false }
  }
}

function refresh(entry: Entry): Promise<void> {
  entry.inFlight ??= run(entry).finally(() => {
    entry.inFlight = undefined
  })
  return entry.inFlight
}

/** After a change: whatever is on screen under one of these key prefixes is asked again, the rest is forgotten. */
export function invalidate(...prefixes: readonly string[]): void {
  for (const [key, entry] of entries) {
    if (!prefixes.some((prefix) => key.startsWith(prefix))) continue
    if (entry.users === 0) {
      entries.delete(key)
      continue
    }
    entry.round++
    entry.inFlight = undefined
    void refresh(entry)
  }
}

/** Asks again for everything on screen, as after coming back online. */
export function refreshAll(): void {
  invalidate('')
}

/** Forgets everything: another person may be signed in. */
export function clearQueries(): void {
  entries.clear()
}

export interface QueryOptions {
  /** Ask again this often while the page is on screen. */
  readonly pollMs?: number | undefined
}

export interface Query<T> extends QueryState<T> {
  reload(): void
}

/**
 * Asks the server for something and keeps the answer under `key`, shared by all who use the key. Without a key nothing
 * is asked.
 */
export function useQuery<T>(key: string | undefined, load: () => Promise<T>, options: QueryOptions = {}): Query<T> {
  const latest = useRef(load)
  latest.current = load
  const entry = useMemo(() => entryOf(key ?? '', () => latest.current()), [key])

  useEffect(() => {
    if (key === undefined) return
    entry.users++
    entry.load = () => latest.current()
    if (Date.now() - entry.state.peek().updatedAt > FRESH_MS) void refresh(entry)
    return () => {
      entry.users--
    }
  }, [entry, key])

  useEffect(() => {
    if (key === undefined || options.pollMs === undefined) return
    const timer = setInterval(() => {
      if (pageVisible.peek()) void refresh(entry)
    }, options.pollMs)
    return () => clearInterval(timer)
  }, [entry, key, options.pollMs])

  // Each key holds answers of one type: the type its users load.
  const state = entry.state.value as QueryState<T>
  return { ...state, reload: () => void refresh(entry) }
}

/** For a form: what is known from before is not shown, so that nobody saves over a change they have not seen. */
export function useFreshQuery<T>(key: string | undefined, load: () => Promise<T>): Query<T> {
  const [since] = useState(() => Date.now() - FRESH_MS)
  const query = useQuery(key, load)
  return query.updatedAt >= since ? query : { ...query, data: undefined }
}
