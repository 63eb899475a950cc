import type { Logger } from '../../observability/logger.js'
import type { SdkSighting } from '../sdk-api-contract.js'
import type { SourceStore } from './store.js'

const WRITE_EVERY_MS = 15_000
const REMEMBERED = 20_000

export interface SightingsOptions {
  readonly sources: Pick<SourceStore, 'put'>
  readonly logger: Logger
}

interface Written {
  readonly revision: number
  readonly loss: string
  readonly at: number
  /** Settles when it is stored: what one process says is stored in the order in which it said so. */
  readonly done: Promise<void>
}

/** Notes SDK processes: at once when one is new or says something new, else now and then. Never awaited, never throws. */
export function createSightings({ sources, logger }: SightingsOptions): (sighting: SdkSighting) => void {
  const written = new Map<string, Written>()
  return (sighting) => {
    const name = JSON.stringify([sighting.tenant_id, sighting.source_id, sighting.instance_id])
    const before = written.get(name)
    const loss = sighting.loss === undefined ? (before?.loss ?? '') : JSON.stringify(sighting.loss)
    const revision = sighting.by === 'batch' ? Math.max(before?.revision ?? 0, sighting.revision) : sighting.revision
    const said = before?.revision === revision && before.loss === loss
    if (said && sighting.at - before.at < WRITE_EVERY_MS) return
    if (written.size >= REMEMBERED) written.clear()
    const done = (before?.done ?? Promise.resolve())
      .then(() => sources.put(sighting))
      .catch((error: unknown) => {
        written.delete(name)
        logger.warn({ err: error }, 'could not note an SDK process')
      })
    written.set(name, { revision, loss, at: sighting.at, done })
  }
}
