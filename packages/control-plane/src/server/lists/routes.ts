import { resourceRoutes } from '../resources/routes.js'
import type { ResourceService } from '../resources/service.js'
import { noBody, noQuery, type Route, route } from '../routing/route.js'
import { cutPage, decodeCursor } from '../store/cursor.js'
import { type EntrySearch, foundEntries } from './entries.js'
import type { ListChange } from './kind.js'
import {
  type EntriesQuery,
  entriesAdd,
  entriesQuery,
  entriesRemove,
  entryPage,
  type ListCreate,
  type ListEntry,
  type ListEntryPage,
  type ListRecord,
  listCreate,
  listPatch,
  listRecord,
  listUsers,
  listWithEntries,
} from './schema.js'
import type { StoredList } from './store.js'
import type { FindListUsers } from './users.js'

/** 100,000 entries with their notes; only for those who may change lists. */
const LIST_BODY_BYTES = 33_554_432

export interface ListRoutesOptions {
  readonly service: ResourceService<StoredList, ListCreate, ListChange>
  readonly usersOf: FindListUsers
  readonly now: () => number
}

const ONE = '/tenants/:tenant_id/lists/:id'
const BODIES = { maxBodyBytes: LIST_BODY_BYTES } as const

/** Lists as any resource, and their entries a page or a few at a time. */
export function listRoutes({ service, usersOf, now }: ListRoutesOptions): readonly Route[] {
  return [
    ...resourceRoutes({
      ...{ collection: 'lists', noun: 'list', read: 'resource.read', write: 'resource.write', service, ...BODIES },
      ...{ create: listCreate, patch: listPatch, record: listRecord, item: listWithEntries },
    }),
    route({
      ...{ method: 'get', path: `${ONE}/entries`, permission: 'resource.read', status: 200 },
      summary: 'Entries of a list, a page at a time',
      ...{ body: noBody, query: entriesQuery, answer: entryPage },
      handle: async ({ tenantId, id, query }) => {
        const { entries = [] } = await service.get(tenantId, id)
        return pageOfEntries(entries, query, now())
      },
    }),
    route({
      ...{ method: 'post', path: `${ONE}/entries`, permission: 'resource.write', status: 200, ...BODIES },
      summary: 'Add entries to a list; those that are there already take the new note and expiry',
      ...{ body: entriesAdd, query: noQuery, answer: listRecord },
      handle: async ({ tenantId, id, caller, body }) =>
        withoutItsEntries(await service.update({ tenantId, id, caller }, { add: body.entries })),
    }),
    route({
      ...{ method: 'post', path: `${ONE}/entries/remove`, permission: 'resource.write', status: 200, ...BODIES },
      summary: 'Remove entries from a list: by value, or all that have expired',
      ...{ body: entriesRemove, query: noQuery, answer: listRecord },
      handle: async ({ tenantId, id, caller, body: { values, expired } }) => {
        const remove = { values, ...(expired ? { expiredAt: now() } : {}) }
        return withoutItsEntries(await service.update({ tenantId, id, caller }, { remove }))
      },
    }),
    route({
      ...{ method: 'get', path: `${ONE}/used-by`, permission: 'resource.read', status: 200 },
      summary: 'What looks values up in a list',
      ...{ body: noBody, query: noQuery, answer: listUsers },
      handle: async ({ tenantId, id }) => {
        await service.get(tenantId, id)
        return { items: await usersOf({ tenantId, listId: id }) }
      },
    }),
  ]
}

function withoutItsEntries({ entries: _entries, ...record }: StoredList): ListRecord {
  return record
}

function pageOfEntries(
  entries: readonly ListEntry[],
  { limit, cursor, search, state }: EntriesQuery,
  now: number,
): ListEntryPage {
  const wanted: EntrySearch = { search, state, now }
  const matching = foundEntries(entries, wanted)
  const start = cursor === undefined ? 0 : decodeCursor(cursor)[0]
  const rows = matching.slice(start, start + limit + 1).map((entry, index) => ({ entry, next: start + index + 1 }))
  const page = cutPage(rows, { limit, read: ({ entry }) => entry, position: ({ next }) => [next, ''] })
  return { ...page, items: [...page.items], matching: matching.length }
}
