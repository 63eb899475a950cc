import type { Command } from 'commander'
import type { ZodType } from 'zod'
import type { ApiRecord } from '../../clients/operator-client.js'
import type { Reference } from '../../server/policy-set/document/references.js'
import type { Cli } from '../client/api-command.js'
import type { Column } from '../output/table.js'

export const VERBS = ['list', 'show', 'create', 'update', 'delete'] as const
export type Verb = (typeof VERBS)[number]

/** One kind of resource, as all of its commands need to know it. */
export interface ResourceSpec {
  /** Of the command: `esper policy`. */
  readonly command: string
  readonly noun: string
  /** The noun with its article. */
  readonly one: string
  readonly summary: string
  /** Address below the tenant, or below the API where `ofTenant` is false. */
  readonly collection: string
  readonly ofTenant: boolean
  readonly idField: string
  /** Fields by which people name one, the likeliest first. */
  readonly nameFields: readonly string[]
  readonly columns: readonly Column[]
  readonly references: readonly Reference[]
  readonly verbs: readonly Verb[]
  /** A starter document in YAML. */
  readonly template: string
  /** A name for the examples. */
  readonly exampleName: string
  /** A `--set` for the examples. */
  readonly exampleSet: string
  /** Another name of `delete`, where people say it otherwise. */
  readonly deleteAlias?: string
  /** Commands that only this resource has. */
  readonly more?: (cli: Cli, spec: ResourceSpec) => readonly Command[]
  /** What the API validates with: says of which type a field is. Loaded when a command needs it. */
  readonly schemas: () => Promise<Schemas>
  /** Lines for a shell's environment out of what was created, which no other answer holds. */
  readonly shownOnce?: (created: ApiRecord, url: string) => readonly string[]
}

export interface Schemas {
  readonly create: ZodType
  readonly patch: ZodType
}
