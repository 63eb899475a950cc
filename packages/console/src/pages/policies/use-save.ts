import { useLocation } from 'preact-iso'
import { api } from '../../api/client.js'
import { invalidate } from '../../api/query.js'
import { useTenant } from '../../app/place.js'
import { toast } from '../../design/toast.js'
import { findKind, type KindId } from './kinds.js'

interface Saving {
  readonly save: (body: Readonly<Record<string, unknown>>) => Promise<void>
  readonly remove: () => Promise<void>
  readonly listHref: string
}

/** Creates, changes and deletes one resource of a kind, then goes back to its list. */
export function useSave(kindId: KindId, id: string | undefined): Saving {
  const { base, href } = useTenant()
  const { route } = useLocation()
  const kind = findKind(kindId)
  const path = `${base}/${kind?.collection}`
  const listHref = href(`policies/${kindId}`)
  const done = (text: string) => {
    invalidate(base)
    toast(text)
    route(listHref)
  }
  return {
    listHref,
    save: async (body) => {
      if (id === undefined) await api.post(path, body)
      else await api.patch(`${path}/${encodeURIComponent(id)}`, body)
      done(id === undefined ? `Created ${kind?.noun} ${body.name}` : `Saved ${kind?.noun} ${body.name}`)
    },
    remove: async () => {
      await api.remove(`${path}/${encodeURIComponent(id ?? '')}`)
      done(`Deleted the ${kind?.noun}`)
    },
  }
}
