import { useEffect, useState } from 'preact/hooks'
import { type ApiError, asApiError } from './problem.js'
import { type Query, useQuery } from './query.js'

interface Cursored {
  readonly next_cursor: string | null
}

interface PagesOptions<Answer> {
  readonly key: string
  /** Loads the first page, or the one at a cursor; then `first` is the answer the cursor came with. */
  readonly load: (cursor?: string, first?: Answer) => Promise<Answer>
  /** Ask for the first page again this often, while no further page is open. */
  readonly pollMs?: number | undefined
}

export interface Pages<Answer> {
  readonly first: Query<Answer>
  readonly more: readonly Answer[]
  readonly hasMore: boolean
  readonly loading: boolean
  readonly failure: ApiError | undefined
  readonly loadMore: () => Promise<void>
}

/** A list read page after page, newest first. */
export function usePages<Answer extends Cursored>({ key, load, pollMs }: PagesOptions<Answer>): Pages<Answer> {
  const [more, setMore] = useState<readonly Answer[]>([])
  const [loading, setLoading] = useState(false)
  const [failure, setFailure] = useState<ApiError>()
  const first = useQuery(key, () => load(), { pollMs: more.length === 0 ? pollMs : undefined })
  useEffect(() => setMore([]), [key])

  const cursor = (more.at(-1) ?? first.data)?.next_cursor ?? undefined
  const loadMore = async () => {
    if (loading || cursor === undefined) return
    setLoading(true)
    setFailure(undefined)
    try {
      const answer = await load(cursor, first.data)
      setMore((pages) => [...pages, answer])
    } catch (error) {
      setFailure(asApiError(error))
    } finally {
      setLoading(false)
    }
  }
  return { first, more, hasMore: cursor !== undefined, loading, failure, loadMore }
}
