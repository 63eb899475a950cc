import { api } from '../../api/client.js'
import { type Query, useQuery } from '../../api/query.js'
import type { ListUser } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { Notice } from '../../design/notice.js'

const PLACES: Readonly<Record<ListUser['resource_type'], { readonly noun: string; readonly page: string }>> = {
  action: { noun: 'action', page: 'policies/actions' },
  entity_definition: { noun: 'entity', page: 'policies/entities' },
  policy: { noun: 'policy', page: 'policies/policies' },
  exemption: { noun: 'exemption', page: 'exemptions' },
}

export function useListUsers(listId: string): Query<readonly ListUser[]> {
  const { base } = useTenant()
  const path = `${base}/lists/${encodeURIComponent(listId)}/used-by`
  return useQuery(path, async () => (await api.get<{ readonly items: readonly ListUser[] }>(path)).items)
}

/** What looks values up in the list. */
export function ListUsers({ users }: { users: readonly ListUser[] | undefined }) {
  if (users === undefined) return null
  if (users.length === 0) {
    return (
      <Notice tone="info">
        Nothing looks values up in this list yet. Ask for it in an expression by its name, or exempt by it.
      </Notice>
    )
  }
  return (
    <Notice tone="info">
      Used by <UserLinks users={users} />. A change of its entries reaches them within seconds.
    </Notice>
  )
}

export function UserLinks({ users }: { users: readonly ListUser[] }) {
  const { href } = useTenant()
  return (
    <>
      {users.map((user, index) => {
        const { noun, page } = PLACES[user.resource_type]
        return (
          <span key={user.resource_id}>
            {index > 0 && ', '}
            {noun} <a href={href(`${page}/${user.resource_id}`)}>{user.name}</a>
            {!user.enabled && ' (disabled)'}
          </span>
        )
      })}
    </>
  )
}
