import { fireEvent, screen, waitFor, within } from '@testing-library/preact'
import { describe, expect, it } from 'vitest'
import { type FakeApi, page, signedInApi } from '../../testing/fake-api.js'
import { heading, open, sent, useApp } from '../../testing/open-app.js'

const AT = '2026-11-22T10:00:00.000Z'
const EXEMPTION = {
  ...{ exemption_id: 'exm_1', tenant_id: 'ten_1', name: 'Office', note: 'Berlin', enabled: true, list_id: null },
  ...{ expression: 'client_ip = "203.0.113.7"', expires_at: '2020-01-01T00:00:00.000Z' },
  ...{ created_by: { user_id: 'usr_1', name: 'Mara Keller' }, created_at: AT, updated_at: AT },
}
const LIST = { list_id: 'lst_1', name: 'partners', enabled: true, entry_count: 1, updated_at: AT }
const HELD = {
  ...{ active_mitigation_id: 'am_1', policy_id: 'pol_1', mitigation_id: 'mit_1', counting_scope: 'tenant' },
  ...{ entity: [['client_ip', '203.0.113.7']], since: AT, expires_at: '2030-01-01T00:00:00.000Z', sequence: 1 },
}
const BASE = '/tenants/ten_1'

function exemptionApi(role?: string): FakeApi {
  return signedInApi(role)
    .on(`GET ${BASE}/exemptions`, () => page([EXEMPTION]))
    .on(`GET ${BASE}/exemptions/exm_1`, () => ({ body: EXEMPTION }))
    .on(`GET ${BASE}/lists`, () => page([LIST]))
    .on(`GET ${BASE}/active-mitigations`, () => page([HELD]))
}

useApp()

describe('the exemptions', () => {
  it('are shown with whom, by whom, and that they are over', async () => {
    exemptionApi()
    open('/t/acme/exemptions')
    await heading('Exemptions')
    const table = await screen.findByRole('table', { name: 'Exemptions' })
    expect(await within(table).findByText('Expired')).toBeTruthy()
    expect(within(table).getByText('Mara Keller')).toBeTruthy()
    expect(within(table).getByText('client_ip = "203.0.113.7"')).toBeTruthy()
  })

  it('are made by a list, for a day', async () => {
    const api = exemptionApi('Analyst').on(`POST ${BASE}/exemptions`, () => ({ status: 201, body: EXEMPTION }))
    open('/t/acme/exemptions/new')
    await heading('Create exemption')
    fireEvent.input(screen.getByLabelText('Name'), { target: { value: 'Partners' } })
    await screen.findByRole('option', { name: 'partners' })
    fireEvent.change(screen.getByLabelText(/^List/), { target: { value: 'lst_1' } })
    fireEvent.change(screen.getByLabelText('Expires'), { target: { value: '24h' } })
    fireEvent.click(screen.getByRole('button', { name: 'Create exemption' }))
    await waitFor(() => expect(location.pathname).toBe('/t/acme/exemptions'))
    const [body] = sent(api, `POST ${BASE}/exemptions`)
    expect(body).toMatchObject({ name: 'Partners', expression: null, list_id: 'lst_1', enabled: true })
    const ends = Date.parse(String(Reflect.get(Object(body), 'expires_at')))
    expect(Math.abs(ends - Date.now() - 86_400_000)).toBeLessThan(60_000)
  })

  it('that are over say so, and can be brought back', async () => {
    const api = exemptionApi().on(`PATCH ${BASE}/exemptions/exm_1`, () => ({ body: EXEMPTION }))
    open('/t/acme/exemptions/exm_1')
    await heading('Office')
    expect(screen.getByText(/This exemption is over/)).toBeTruthy()
    fireEvent.change(screen.getByLabelText('Expires'), { target: { value: 'never' } })
    fireEvent.click(screen.getByRole('button', { name: 'Save changes' }))
    await waitFor(() => expect(sent(api, `PATCH ${BASE}/exemptions/exm_1`)).toMatchObject([{ expires_at: null }]))
  })

  it('are only looked at by a Viewer', async () => {
    exemptionApi('Viewer')
    open('/t/acme/exemptions')
    await screen.findByText('Mara Keller')
    expect(screen.queryByRole('link', { name: 'Create exemption' })).toBeNull()
  })
})

describe('releasing', () => {
  it.each([
    ['and nothing else', 'Release', {}],
    ['and exempting for an hour', 'And exempt for 1 hour', { exempt: { for_seconds: 3_600, note: '' } }],
    ['and exempting for a day', 'And exempt for 24 hours', { exempt: { for_seconds: 86_400, note: '' } }],
    ['and exempting always', 'And exempt always', { exempt: { for_seconds: null, note: '' } }],
  ])('%s', async (_what, choice, body) => {
    const path = `POST ${BASE}/active-mitigations/am_1/release`
    const api = exemptionApi('Analyst').on(path, () => ({ body: { active_mitigation_id: 'am_1', exemption: null } }))
    open('/t/acme/active-mitigations')
    fireEvent.click(await screen.findByRole('button', { name: 'Release' }))
    const form = await screen.findByRole('form', { name: 'Release' })
    fireEvent.click(within(form).getByRole('radio', { name: choice }))
    fireEvent.submit(form)
    await waitFor(() => expect(sent(api, path)).toEqual([body]))
  })

  it('says why an entity cannot be exempted', async () => {
    exemptionApi().on(`POST ${BASE}/active-mitigations/am_1/release`, () => ({
      status: 422,
      body: {
        ...{ code: 'validation_failed', title: 'Some fields are not valid.', detail: 'Not valid: exempt.' },
        errors: [{ path: 'exempt', code: 'not_exemptible', message: 'cannot be: the entity is too long' }],
      },
    }))
    open('/t/acme/active-mitigations')
    fireEvent.click(await screen.findByRole('button', { name: 'Release' }))
    const form = await screen.findByRole('form', { name: 'Release' })
    fireEvent.click(within(form).getByRole('radio', { name: 'And exempt always' }))
    fireEvent.submit(form)
    expect((await screen.findAllByText(/the entity is too long/)).length).toBeGreaterThan(0)
  })
})
