import type { Role } from '../../api/types.js'

/** What each role may do; each may also do what the ones below it may. */
export const ROLES: readonly { readonly value: Role; readonly label: string; readonly note: string }[] = [
  { value: 'Owner', label: 'Owner', note: 'also members and the tenant itself' },
  { value: 'Admin', label: 'Admin', note: 'also policies, their parts and API keys' },
  { value: 'Analyst', label: 'Analyst', note: 'also releases what is held' },
  { value: 'Viewer', label: 'Viewer', note: 'looks at everything' },
]
