import type { ResourceKind, ResourceModel } from '../resources/kind.js'
import { applyPatch } from '../resources/patch.js'
import { canonicalEntries, measured, type Removal, withEntries, withoutEntries } from './entries.js'
import type { ListCreate, ListEntry, ListEntryGiven, ListPatch } from './schema.js'
import type { ListStore, StoredList } from './store.js'
import type { FindListUsers } from './users.js'

/** Everything that can be changed in a list. */
export interface ListChange extends ListPatch {
  readonly add?: readonly ListEntryGiven[]
  readonly remove?: Removal
}

export interface ListKindOptions {
  readonly lists: ListStore
  readonly usersOf: FindListUsers
}

export const listModel: ResourceModel<StoredList, ListCreate, ListChange> = {
  type: 'list',
  noun: 'list',
  prefix: 'lst',
  idOf: ({ list_id }) => list_id,
  isEnabled: ({ enabled }) => enabled,
  isNamedInExpressions: true,
  create: ({ entries: given, ...input }, { id, ...fresh }) => {
    const entries = canonicalEntries(given)
    return { list_id: id, ...fresh, ...input, ...measured(entries), entries }
  },
  patch: (record, { description, add, remove, entries: given, ...patch }) => {
    const before = record.entries ?? []
    const replaced = given === undefined ? before : canonicalEntries(given)
    const reduced = remove === undefined ? replaced : withoutEntries(replaced, remove)
    const entries = add === undefined ? reduced : withEntries(reduced, add)
    return {
      ...applyPatch(record, patch),
      description: description === undefined ? record.description : (description ?? ''),
      ...measured(entries),
      entries,
    }
  },
  checkAlone: () => undefined,
  show: (record) => record,
  audited: auditedList,
}

export function listKind({ lists, usersOf }: ListKindOptions): ResourceKind<StoredList, ListCreate, ListChange> {
  return {
    ...listModel,
    store: lists,
    usedBy: async ({ tenant_id, list_id }, { session }) => {
      const users = await usersOf({ tenantId: tenant_id, listId: list_id, session })
      return users.filter(({ enabled }) => enabled).map(({ enabled: _enabled, ...user }) => user)
    },
  }
}

const SHOWN_ENTRIES = 50

/** What the audit log keeps of a list: of its entries those that the other side of the change does not have, and not all of many. */
function auditedList({ entries = [], ...record }: StoredList, other: StoredList | undefined): object {
  const known = new Map((other?.entries ?? []).map((entry) => [entry.value, entry]))
  const own = entries.filter((entry) => !isSame(entry, known.get(entry.value)))
  const leftOut = own.length - SHOWN_ENTRIES
  return {
    ...record,
    changed_entries: own.slice(0, SHOWN_ENTRIES),
    ...(leftOut > 0 ? { changed_entries_left_out: leftOut } : {}),
  }
}

function isSame(one: ListEntry, other: ListEntry | undefined): boolean {
  return other !== undefined && one.note === other.note && one.expires_at === other.expires_at
}
