import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/preact'
import { describe, expect, it } from 'vitest'
import { clearQueries } from '../../api/query.js'
import { type FakeApi, page, signedInApi } from '../../testing/fake-api.js'
import { heading, open, sent, useApp } from '../../testing/open-app.js'

const AT = '2026-11-22T10:00:00.000Z'
const LIST = {
  ...{ list_id: 'lst_1', tenant_id: 'ten_1', name: 'known attackers', description: 'Seen in March', enabled: true },
  ...{ entry_count: 2, sha256: 'x', bytes: 10, created_at: AT, updated_at: AT },
}
const ENTRIES = [
  { value: '203.0.113.7', note: 'Berlin', expires_at: null },
  { value: '10.0.0.0/8', note: '', expires_at: '2020-01-01T00:00:00.000Z' },
]
const BASE = '/tenants/ten_1/lists'

function listApi(role?: string): FakeApi {
  return signedInApi(role)
    .on(`GET ${BASE}`, () => page([LIST]))
    .on(`GET ${BASE}/lst_1/used-by`, () => ({
      body: { items: [{ resource_type: 'policy', resource_id: 'pol_1', name: 'Stop them', enabled: true }] },
    }))
    .on(`GET ${BASE}/lst_1/entries`, (_body, url) => {
      const search = url.searchParams.get('search') ?? ''
      const items = ENTRIES.filter(({ value }) => value.includes(search))
      return { body: { items, next_cursor: null, matching: items.length } }
    })
}

const typeIn = (label: string, value: string) => fireEvent.input(screen.getByLabelText(label), { target: { value } })

useApp()

describe('the lists', () => {
  it('are shown with how much is in them, and open', async () => {
    listApi()
    open('/t/acme/lists')
    await heading('Lists')
    const link = await screen.findByRole('link', { name: 'known attackers' })
    expect(link.getAttribute('href')).toBe('/t/acme/lists/lst_1')
    expect(within(screen.getByRole('table', { name: 'Lists' })).getByText('2')).toBeTruthy()
  })

  it('say what a list is for while there is none, and what failed with a retry', async () => {
    const api = listApi().on(`GET ${BASE}`, () => page([]))
    open('/t/acme/lists')
    expect(await screen.findByRole('link', { name: 'Create the first list' })).toBeTruthy()
    cleanup()
    clearQueries()
    api.on(`GET ${BASE}`, () => ({ status: 503, body: { code: 'unavailable', detail: 'Try later.' } }))
    open('/t/acme/lists')
    expect(await screen.findByText('Lists could not be loaded')).toBeTruthy()
    api.on(`GET ${BASE}`, () => page([LIST]))
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByRole('link', { name: 'known attackers' })).toBeTruthy()
  })

  it('are made of what is pasted', async () => {
    const api = listApi().on(`POST ${BASE}`, () => ({ status: 201, body: { ...LIST, entries: [] } }))
    open('/t/acme/lists/new')
    await heading('Create list')
    typeIn('Name', 'fresh')
    typeIn('Entries', '# ours\n192.0.2.1, Office\nalice,,2030-01-01')
    expect(await screen.findByText('2 entries read.')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Create list' }))
    await waitFor(() => expect(location.pathname).toBe('/t/acme/lists/lst_1'))
    expect(sent(api, `POST ${BASE}`)).toEqual([
      {
        ...{ name: 'fresh', description: '', enabled: true },
        entries: [
          { value: '192.0.2.1', note: 'Office' },
          { value: 'alice', expires_at: '2030-01-01T00:00:00.000Z' },
        ],
      },
    ])
  })

  it('are not made while a line cannot be read, and mistakes the server finds are said of their line', async () => {
    const api = listApi().on(`POST ${BASE}`, () => ({
      status: 422,
      body: {
        ...{ code: 'validation_failed', title: 'Some fields are not valid.', detail: 'Not valid: entries.0.value.' },
        errors: [{ path: 'entries.0.value', code: 'invalid_format', message: 'looks like an address, and is none' }],
      },
    }))
    open('/t/acme/lists/new')
    await heading('Create list')
    typeIn('Name', 'fresh')
    typeIn('Entries', 'a,b,never')
    fireEvent.click(screen.getByRole('button', { name: 'Create list' }))
    expect((await screen.findAllByText(/Line 1: "never" is no time/)).length).toBeGreaterThan(0)
    expect(sent(api, `POST ${BASE}`)).toEqual([])
    typeIn('Entries', '\n\n300.1.1.1')
    fireEvent.click(screen.getByRole('button', { name: 'Create list' }))
    expect((await screen.findAllByText(/Line 3 looks like an address, and is none/)).length).toBeGreaterThan(0)
  })
})

describe('a list', () => {
  it('shows its entries, what has expired, and what uses it', async () => {
    listApi()
    open('/t/acme/lists/lst_1')
    await heading('known attackers')
    const table = await screen.findByRole('table', { name: 'Entries' })
    expect(await within(table).findByText('203.0.113.7')).toBeTruthy()
    expect(within(table).getByText('Expired')).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Stop them' }).getAttribute('href')).toBe('/t/acme/policies/policies/pol_1')
  })

  it('is searched on the server, and the search is in the URL', async () => {
    listApi()
    open('/t/acme/lists/lst_1')
    await screen.findByText('203.0.113.7')
    typeIn('Search entries', '10.')
    await waitFor(() => expect(screen.queryByText('203.0.113.7')).toBeNull())
    expect(location.search).toBe('?q=10.')
  })

  it('takes many more at once, with a note and an end for those without', async () => {
    const api = listApi().on(`POST ${BASE}/lst_1/entries`, () => ({ body: { ...LIST, entry_count: 3 } }))
    open('/t/acme/lists/lst_1')
    fireEvent.click(await screen.findByRole('button', { name: 'Add entries' }))
    const form = within(await screen.findByRole('form', { name: 'Add entries' }))
    fireEvent.input(form.getByLabelText('Entries'), { target: { value: 'a\nb,mine' } })
    fireEvent.input(form.getByLabelText(/^Note/), { target: { value: 'theirs' } })
    fireEvent.change(form.getByLabelText('Expires'), { target: { value: '24h' } })
    fireEvent.submit(screen.getByRole('form', { name: 'Add entries' }))
    await waitFor(() => expect(sent(api, `POST ${BASE}/lst_1/entries`)).toHaveLength(1))
    const ends = expect.stringMatching(/^20\d\d-/)
    expect(sent(api, `POST ${BASE}/lst_1/entries`)[0]).toEqual({
      entries: [
        { value: 'a', note: 'theirs', expires_at: ends },
        { value: 'b', note: 'mine', expires_at: ends },
      ],
    })
    expect(await screen.findByText('Added 1 entry; the others were there')).toBeTruthy()
  })

  it('loses one, or all that have expired', async () => {
    const api = listApi().on(`POST ${BASE}/lst_1/entries/remove`, () => ({ body: { ...LIST, entry_count: 1 } }))
    open('/t/acme/lists/lst_1?state=expired')
    fireEvent.click(await screen.findByRole('button', { name: 'Remove 203.0.113.7' }))
    fireEvent.click(await screen.findByRole('button', { name: 'Remove all expired' }))
    await waitFor(() =>
      expect(sent(api, `POST ${BASE}/lst_1/entries/remove`)).toEqual([{ values: ['203.0.113.7'] }, { expired: true }]),
    )
  })

  it('is only looked at by a Viewer', async () => {
    listApi('Viewer')
    open('/t/acme/lists/lst_1')
    await screen.findByText('203.0.113.7')
    expect(screen.queryByRole('button', { name: 'Add entries' })).toBeNull()
    expect(screen.queryByRole('button', { name: 'Remove 203.0.113.7' })).toBeNull()
    expect(screen.getByText('Your role lets you look at this list, not change it.')).toBeTruthy()
  })
})
