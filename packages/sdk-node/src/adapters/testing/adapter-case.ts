import type { EsperOptions } from '../../index.js'
import type { Site } from './site.js'

/** What a framework lets an adapter know; everything else is the same for all. */
export interface Traits {
  /** Whether the adapter sees what the application answers. */
  readonly seesResponse: boolean
  /** Whether it sees how the request stood on the wire: the order of headers, escapes as they were. */
  readonly seesWire: boolean
  /** Whether handlers can have the event decided again. */
  readonly decidesAgain: boolean
  /** Whether it reads bodies itself; not where a parser of the application's is in front. */
  readonly readsBodies: boolean
  /** Whether the application is called before a body has come whole. */
  readonly callsBeforeBodyEnds: boolean
}

/** One thing that every adapter does. */
export interface AdapterCase {
  readonly name: string
  /** Left out where a framework makes it impossible. */
  readonly needs?: keyof Traits
  /** Client options other than those that all share. */
  readonly options?: EsperOptions
  run(site: Site): Promise<void>
}
