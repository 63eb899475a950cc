import type { Logger } from '../../observability/logger.js'
import type { SdkSighting } from '../sdk-api-contract.js'
import type { SourceStore } from './store.js'

const WRITE_EVERY_MS = 15_000
const REMEMBERED = 20_000

export interface SightingsOptions {
  readonly sources: SourceStore
  readonly logger: Logger
}

interface Written {
  readonly revision: number
  readonly loss: string
  readonly at: number
}

/** Notes SDK processes: at once when one is new or says something new, else now and then. Never awaited, never throws. */
export function createSightings({ sources, logger }: SightingsOptions): (sighting: SdkSighting) => void {
  const written = new Map<string, Written>()
  return (sighting) => {
    const name = JSON.stringify([sighting.tenant_id, sighting.source_id, sighting.instance_id])
    const before = written.get(name)
    const loss = sighting.loss === undefined ? (before?.loss ?? '') : JSON.stringify(sighting.loss)
    const said = before?.revision === sighting.revision && before.loss === loss
    if (said && sighting.at - before.at < WRITE_EVERY_MS) return
    if (written.size >= REMEMBERED) written.clear()
    written.set(name, { revision: sighting.revision, loss, at: sighting.at })
    sources.put(sighting).catch((error: unknown) => {
      written.delete(name)
      logger.warn({ err: error }, 'could not note an SDK process')
    })
  }
}
