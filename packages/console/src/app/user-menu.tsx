import { asApiError } from '../api/problem.js'
import { Disclosure } from '../design/disclosure.js'
import { Segmented } from '../design/segmented.js'
import { toast } from '../design/toast.js'
import { me, signOut } from './session.js'
import { theme } from './theme.js'

const THEMES = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const

function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  return words
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('')
}

async function onSignOut(): Promise<void> {
  try {
    await signOut()
  } catch (error) {
    toast(`Could not sign out. ${asApiError(error).message}`, 'error')
  }
}

/** Who is signed in, the colours, and the way out. */
export function UserMenu() {
  const user = me.value?.user
  if (!user) return null
  return (
    <Disclosure label={`Account: ${user.name}`} buttonClass="who" button={initials(user.name) || '·'} align="end">
      {() => (
        <>
          <p class="menu-note">
            Signed in as <strong>{user.name}</strong>
            {user.email && <span class="who-email">{user.email}</span>}
          </p>
          <hr class="menu-line" />
          <div class="menu-note">
            <Segmented
              label="Colour scheme"
              value={theme.value}
              options={THEMES}
              onChange={(value) => {
                theme.value = value
              }}
            />
          </div>
          <hr class="menu-line" />
          <button type="button" class="menu-item" onClick={onSignOut}>
            Sign out
          </button>
        </>
      )}
    </Disclosure>
  )
}
