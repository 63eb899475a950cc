import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { reachable, sessionState } from '../api/connection.js'
import { clearQueries, refreshAll } from '../api/query.js'
import { fakeApi, page, signedInApi } from '../testing/fake-api.js'
import { App } from './app.js'
import { me } from './session.js'

const HOSTILE = '<img src=x onerror=alert(1)>'
const ACTION = {
  action_id: 'act_1',
  tenant_id: 'ten_1',
  name: HOSTILE,
  description: 'javascript:alert(1)',
  enabled: true,
  expression: 'true',
  created_at: '2026-11-22T10:00:00.000Z',
  updated_at: '2026-11-22T10:00:00.000Z',
}

function open(path: string): void {
  history.replaceState(null, '', path)
  render(<App />)
}

const heading = (name: string) => screen.findByRole('heading', { level: 1, name }, { timeout: 5000 })

beforeEach(() => {
  clearQueries()
  localStorage.clear()
  me.value = undefined
  reachable.value = true
  sessionState.value = 'unknown'
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('the place is in the URL', () => {
  it('opens a page by its address, with the tenant by slug or by id', async () => {
    signedInApi().on('GET /tenants/ten_1/actions', () => page([ACTION]))
    open('/t/ten_1/policies/actions')
    await heading('Policies')
    expect(screen.getByRole('tab', { name: 'Actions' }).getAttribute('aria-selected')).toBe('true')
    expect(screen.getByRole('button', { name: 'Tenant: Acme. Switch tenant' })).toBeTruthy()
  })

  it('goes from the root to the overview of the tenant last used', async () => {
    signedInApi()
    open('/')
    await waitFor(() => expect(location.pathname).toBe('/t/acme/overview'))
  })

  it('leads somebody without a tenant to creating one', async () => {
    fakeApi().on('GET /me', () => ({
      body: { user: { user_id: 'usr_1', name: 'M', email: null, avatar_url: null }, memberships: [] },
    }))
    open('/')
    await heading('Create your first tenant')
  })

  it.each(['/nowhere', '/t/acme/nothing', '/t/acme/policies/nothing'])('says that %s is not a page', async (path) => {
    signedInApi()
    open(path)
    await heading('Page not found')
  })

  it('says that a tenant is not one of yours', async () => {
    signedInApi()
    open('/t/someone-else/overview')
    await heading('Tenant not found')
  })

  it('follows tabs and comes back', async () => {
    signedInApi()
    open('/t/acme/policies/actions')
    await heading('Policies')
    fireEvent.click(screen.getByRole('tab', { name: 'Mitigation' }), { button: 0 })
    await waitFor(() => expect(location.pathname).toBe('/t/acme/policies/mitigation'))
    await screen.findByText('No mitigations yet')
    history.back()
    await screen.findByText('No actions yet')
  })
})

describe('signing in and out', () => {
  it('says how to sign in, and goes on where it was', async () => {
    const api = fakeApi().on('GET /me', () => ({ status: 401, body: { code: 'unauthenticated', detail: 'Sign in.' } }))
    open('/t/acme/policies/actions')
    await heading('Sign in to Esper')
    expect(screen.getByRole('main').textContent).toContain('npm start')
    api.on('GET /me', () => ({
      body: {
        user: { user_id: 'usr_1', name: 'Mara Keller', email: null, avatar_url: null },
        memberships: [{ tenant_id: 'ten_1', name: 'Acme', slug: 'acme', role: 'Owner' }],
      },
    }))
    fireEvent.click(screen.getByRole('button', { name: 'I have signed in' }))
    await heading('Policies')
  })

  it('shows a form only with what the server says now', async () => {
    let name = 'login'
    signedInApi()
      .on('GET /tenants/ten_1/actions', () => page([{ ...ACTION, name }]))
      .on('GET /tenants/ten_1/actions/act_1', () => ({ body: { ...ACTION, name } }))
    open('/t/acme/policies/actions/act_1')
    await heading('login')
    await waitFor(() => expect(document.title).toBe('login · Esper'))
    fireEvent.click(screen.getByRole('link', { name: 'Cancel' }), { button: 0 })
    const link = await screen.findByRole('link', { name: 'login' })
    name = 'sign-in'
    const nowMs = Date.now()
    vi.spyOn(Date, 'now').mockImplementation(() => nowMs + 60_000)
    fireEvent.click(link, { button: 0 })
    await heading('sign-in')
    const input = screen.getByLabelText('Name')
    expect(input instanceof HTMLInputElement && input.value).toBe('sign-in')
  })

  it('says that the session has ended', async () => {
    const api = signedInApi()
    open('/t/acme/policies/actions')
    await heading('Policies')
    api.on('GET /tenants/ten_1/actions', () => ({ status: 401, body: { detail: 'Sign in.' } }))
    refreshAll()
    await screen.findByText(/Your session has ended/)
  })

  it('offers nothing to change to a viewer', async () => {
    signedInApi('Viewer')
    open('/t/acme/policies/actions')
    await screen.findByText('No actions yet')
    expect(screen.queryByRole('link', { name: /Create/ })).toBeNull()
  })
})

describe('a server that does not answer', () => {
  it('is said, keeps what is on screen, and recovers', async () => {
    const api = signedInApi().on('GET /tenants/ten_1/actions', () => page([{ ...ACTION, name: 'login' }]))
    open('/t/acme/policies/actions')
    await screen.findByRole('link', { name: 'login' })
    api.setReachable(false)
    refreshAll()
    await screen.findByText('The Esper server does not answer.')
    expect(screen.getByRole('link', { name: 'login' })).toBeTruthy()
    api.setReachable(true)
    fireEvent.click(screen.getByRole('button', { name: 'Try now' }))
    await waitFor(() => expect(screen.queryByText('The Esper server does not answer.')).toBeNull())
  })
})

describe('hostile text', () => {
  it('stays text in lists and forms', async () => {
    signedInApi()
      .on('GET /tenants/ten_1/actions', () => page([ACTION]))
      .on('GET /tenants/ten_1/actions/act_1', () => ({ body: ACTION }))
    open('/t/acme/policies/actions')
    fireEvent.click(await screen.findByRole('link', { name: HOSTILE }), { button: 0 })
    await heading(HOSTILE)
    expect(document.querySelector('img')).toBeNull()
    expect([...document.querySelectorAll('a')].filter((link) => link.href.startsWith('javascript:'))).toEqual([])
  })
})
