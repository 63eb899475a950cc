import { useLocation } from 'preact-iso'
import { tenantHref } from './place.js'
import type { Membership } from './session.js'

interface Item {
  readonly label: string
  readonly page: string
}

interface Group {
  readonly title: string | undefined
  readonly items: readonly Item[]
}

const TENANTS: Item = { label: 'Tenants', page: '/tenants' }

const GROUPS: readonly Group[] = [
  { title: undefined, items: [{ label: 'Overview', page: 'overview' }] },
  { title: 'Set up', items: [TENANTS, { label: 'API keys', page: 'api-keys' }] },
  {
    title: 'Build',
    items: [
      { label: 'Actions', page: 'policies/actions' },
      { label: 'Entities', page: 'policies/entities' },
      { label: 'Mitigation', page: 'policies/mitigation' },
      { label: 'Policies', page: 'policies/policies' },
      { label: 'Lists', page: 'lists' },
      { label: 'Exemptions', page: 'exemptions' },
    ],
  },
  {
    title: 'Inspect',
    items: [
      { label: 'Results', page: 'results' },
      { label: 'Traffic', page: 'traffic' },
      { label: 'Active mitigations', page: 'active-mitigations' },
    ],
  },
  { title: 'Verify', items: [{ label: 'Audit', page: 'audit' }] },
]

function hrefOf(item: Item, tenant: Membership | undefined): string | undefined {
  if (item.page.startsWith('/')) return item.page
  return tenant && tenantHref(tenant, item.page)
}

/** The parts of the console. Without a tenant only the list of tenants is there. */
export function Navigation({ tenant, onNavigate }: { tenant: Membership | undefined; onNavigate?: () => void }) {
  const { path } = useLocation()
  return (
    <nav class="nav" aria-label="Main">
      {GROUPS.map((group) => {
        const links = group.items.flatMap((item) => {
          const href = hrefOf(item, tenant)
          return href === undefined ? [] : [{ item, href }]
        })
        if (links.length === 0) return null
        return (
          <div key={group.title ?? 'top'} class="nav-group">
            {group.title !== undefined && <p class="nav-title">{group.title}</p>}
            <ul>
              {links.map(({ item, href }) => (
                <li key={href}>
                  <a
                    class="nav-link"
                    href={href}
                    aria-current={path === href || path.startsWith(`${href}/`) ? 'page' : undefined}
                    onClick={onNavigate}
                  >
                    {item.label}
                  </a>
                </li>
              ))}
            </ul>
          </div>
        )
      })}
    </nav>
  )
}
