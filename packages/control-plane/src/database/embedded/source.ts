import type { GuardedProcess } from './guarded-process.js'

export const EMBEDDED_SOURCES = ['mongod', 'mongodb-memory-server', 'secantusdb'] as const
export type EmbeddedSource = (typeof EMBEDDED_SOURCES)[number]

/** A program that speaks MongoDB, ready to be started on a port over a folder. */
export interface ServerProgram {
  readonly source: EmbeddedSource
  /** As shown at start: name and version. */
  readonly description: string
  readonly command: string
  args(place: { readonly port: number; readonly dataPath: string }): readonly string[]
  /** What is needed once it answers, before it takes writes. */
  initiate(port: number): Promise<void>
  uri(port: number): string
}

/** Why a source cannot be used here, in words for the person at the terminal. */
export interface Unavailable {
  readonly source: EmbeddedSource
  readonly reason: string
}

export type Found =
  | { readonly ok: true; readonly program: ServerProgram }
  | { readonly ok: false; readonly why: Unavailable }

export interface FindOptions {
  /** The `.esper` folder. */
  readonly home: string
  /** Says what takes time. */
  readonly progress: (line: string) => void
}

/** A database of our own, as a child process that ends with us. */
export interface EmbeddedDatabase {
  readonly uri: string
  readonly source: EmbeddedSource
  readonly description: string
  /** Resolves with the reason when the database ends by itself. */
  readonly ended: GuardedProcess['ended']
  stop(): Promise<void>
}
