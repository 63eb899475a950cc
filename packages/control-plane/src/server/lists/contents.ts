import { type ListContents, NO_LISTS, type PreparedList, prepareList } from '@esper/core'
import type { NamedList } from '../../expressions/index.js'
import { partOf } from './entries.js'
import type { ListStore } from './store.js'

/** What is in the lists that an expression names, as of now. */
export async function currentContents(
  lists: Pick<ListStore, 'entries'>,
  tenantId: string,
  named: readonly NamedList[],
): Promise<ListContents> {
  if (named.length === 0) return NO_LISTS
  const contents = new Map<string, PreparedList | undefined>()
  for (const { list_id } of named) {
    contents.set(list_id, prepareList(partOf(await lists.entries(tenantId, list_id))))
  }
  return (listId) => contents.get(listId)
}
