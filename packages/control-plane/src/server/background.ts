import type { IngestionClient } from '../clients/ingestion-client.js'
import type { MitigationClient } from '../clients/mitigation-client.js'
import type { Module, Runtime } from '../runtime/module.js'
import { createEndDeliverer } from './active-mitigations/end-deliverer.js'
import type { OwnedApiKeyDirectory } from './api-keys/directory.js'
import type { RevisionFeed } from './revisions/feed.js'
import type { Stores } from './stores.js'

export interface BackgroundOptions {
  readonly runtime: Runtime
  readonly stores: Stores
  readonly feed: RevisionFeed
  readonly directory: OwnedApiKeyDirectory
  readonly ingestion: IngestionClient
  readonly mitigation: MitigationClient
}

/** How far back to look when a change stream could not go on where it was. */
const GAP_MS = 10 * 60_000

/** What the server does without being asked: it follows changes of other servers and tells the broker what has ended. */
export function createBackground(options: BackgroundOptions): Module {
  const { runtime, stores, feed, ingestion, mitigation } = options
  const { stopping, logger } = runtime
  const deliverer = createEndDeliverer({ pendingEnds: stores.pendingEnds, broker: mitigation, stopping, logger })
  const unsubscribe = feed.subscribe(deliverer.wake)
  let running: Promise<unknown> = Promise.resolve()
  return {
    name: 'server-background',
    needs: ['database'],
    start: async () => {
      const watches = watchOthers(options)
      await Promise.all(watches.map(({ opened }) => opened))
      running = Promise.all([...watches.map(({ closed }) => closed), deliverer.run()])
      running.catch(runtime.fail)
    },
    stop: async () => {
      unsubscribe()
      await running
      await Promise.all([ingestion.close(), mitigation.close()])
    },
  }
}

function watchOthers({ runtime, stores, feed, directory }: BackgroundOptions) {
  const { stopping, logger, now } = runtime
  const shared = { stopping, logger }
  const announceRecent = async () => {
    for (const revision of await stores.revisions.createdSince(new Date(now() - GAP_MS))) feed.announce(revision)
  }
  return [
    stores.revisions.watch({
      ...shared,
      onChange: feed.announce,
      onGap: () => void announceRecent().catch(() => undefined),
    }),
    stores.apiKeys.watch({
      ...shared,
      onChange: (apiKeyId) => directory.forget([apiKeyId]),
      onGap: directory.forgetAll,
    }),
  ]
}
