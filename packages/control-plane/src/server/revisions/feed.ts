import type { NewRevision } from './store.js'

export interface RevisionFeed {
  /** Tells everybody; a revision that was told already, or an older one, is not told again. */
  announce(revision: NewRevision): void
  subscribe(listener: (revision: NewRevision) => void): () => void
}

/** New revisions of all tenants. They come twice, from the change itself and from the change stream, and are told once. */
export function createRevisionFeed(): RevisionFeed {
  const listeners = new Set<(revision: NewRevision) => void>()
  const told = new Map<string, number>()
  return {
    announce: (revision) => {
      if ((told.get(revision.tenant_id) ?? 0) >= revision.revision) return
      told.set(revision.tenant_id, revision.revision)
      for (const listener of listeners) listener(revision)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
