import type { Pages } from '../api/pages.js'
import { Button } from '../design/button.js'
import { ErrorNotice } from '../design/notice.js'

/** Below a list that goes on. */
export function LoadMore<Answer>({ pages, label }: { pages: Pages<Answer>; label: string }) {
  if (!pages.hasMore) return null
  return (
    <div class="table-more">
      {pages.failure ? (
        <ErrorNotice
          what="Further rows could not be loaded"
          error={pages.failure}
          onRetry={() => void pages.loadMore()}
        />
      ) : (
        <Button size="small" busy={pages.loading} onClick={() => void pages.loadMore()}>
          {label}
        </Button>
      )}
    </div>
  )
}
