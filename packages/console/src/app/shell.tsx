import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { IconButton } from '../design/button.js'
import { Dialog } from '../design/dialog.js'
import { ConnectionBanner } from './connection-banner.js'
import { LiveStatus } from './live-status.js'
import { Navigation } from './navigation.js'
import { useCurrentTenant } from './place.js'
import { TenantMenu } from './tenant-menu.js'
import { UserMenu } from './user-menu.js'
import './shell.css'

export function Brand() {
  return (
    <a class="brand" href="/">
      <span class="brand-mark" aria-hidden="true" />
      Esper
    </a>
  )
}

/** The frame around every page: navigation, the tenant, who is signed in, and whether the server answers. */
export function Shell({ children }: { children: ComponentChildren }) {
  const tenant = useCurrentTenant()
  const [drawer, setDrawer] = useState(false)
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <div class="rail">
        <Brand />
        <Navigation tenant={tenant} />
      </div>
      <div class="frame">
        <header class="top">
          <span class="top-menu">
            <IconButton icon="menu" label="Open navigation" expanded={drawer} onClick={() => setDrawer(true)} />
          </span>
          <TenantMenu tenant={tenant} />
          {tenant && <LiveStatus tenant={tenant} />}
          <span class="grow" />
          <UserMenu />
        </header>
        <ConnectionBanner />
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
      {drawer && (
        <Dialog title="Esper" kind="side" onClose={() => setDrawer(false)}>
          <Navigation tenant={tenant} onNavigate={() => setDrawer(false)} />
        </Dialog>
      )}
    </div>
  )
}
