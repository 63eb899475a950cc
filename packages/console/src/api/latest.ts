import { useEffect, useRef, useState } from 'preact/hooks'
import { type ApiError, asApiError } from './problem.js'

/** The answer to the newest question. */
export interface Latest<T> {
  /** Of the newest question that was answered; it stays while a newer one is asked. */
  readonly data: T | undefined
  /** Whether `data` answers what is asked now. */
  readonly current: boolean
  readonly error: ApiError | undefined
}

interface Answered<T> {
  readonly key: string
  readonly data: T | undefined
  readonly error?: ApiError
}

/**
 * Asks once what changes has paused, and takes back what it asked before: for questions about what is being typed. Without a
 * key nothing is asked.
 */
export function useLatest<T>(
  key: string | undefined,
  load: (signal: AbortSignal) => Promise<T>,
  delayMs: number,
): Latest<T> {
  const [answered, setAnswered] = useState<Answered<T>>()
  const latest = useRef(load)
  latest.current = load

  useEffect(() => {
    if (key === undefined) return
    const abort = new AbortController()
    const timer = setTimeout(async () => {
      try {
        const data = await latest.current(abort.signal)
        if (!abort.signal.aborted) setAnswered({ key, data })
      } catch (error) {
        if (!abort.signal.aborted) setAnswered((before) => ({ key, data: before?.data, error: asApiError(error) }))
      }
    }, delayMs)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [key, delayMs])

  const current = key !== undefined && answered?.key === key
  return { data: answered?.data, current: current && !answered.error, error: current ? answered.error : undefined }
}
