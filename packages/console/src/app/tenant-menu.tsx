import { Disclosure } from '../design/disclosure.js'
import { Icon } from '../design/icons.js'
import { tenantHref } from './place.js'
import { type Membership, memberships } from './session.js'

/** Which tenant is open, and the way to another. */
export function TenantMenu({ tenant }: { tenant: Membership | undefined }) {
  const name = tenant?.name ?? 'No tenant'
  return (
    <Disclosure
      label={`Tenant: ${name}. Switch tenant`}
      buttonClass="tenant-button"
      button={
        <>
          <span>{name}</span>
          <Icon name="chevronDown" size={12} />
        </>
      }
    >
      {(close) => (
        <ul>
          {memberships.value.map((one) => (
            <li key={one.tenant_id}>
              <a
                class="menu-item"
                href={tenantHref(one, 'overview')}
                aria-current={one.tenant_id === tenant?.tenant_id ? 'true' : undefined}
                onClick={close}
              >
                <span>{one.name}</span>
                <small class="faint">{one.role}</small>
              </a>
            </li>
          ))}
          <li>
            <hr class="menu-line" />
            <a class="menu-item" href="/tenants" onClick={close}>
              All tenants
            </a>
            <a class="menu-item" href="/tenants/new" onClick={close}>
              Create tenant
            </a>
          </li>
        </ul>
      )}
    </Disclosure>
  )
}
