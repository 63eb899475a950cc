import { cleanup, configure, fireEvent, render, screen, waitFor, within } from '@testing-library/preact'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { reachable, sessionState } from '../../api/connection.js'
import { clearQueries } from '../../api/query.js'
import { App } from '../../app/app.js'
import { me } from '../../app/session.js'
import { clause, decision, event, policyWhy } from '../../testing/explanations.js'
import { type FakeApi, page, signedInApi } from '../../testing/fake-api.js'

// The first page is loaded when it is opened.
configure({ asyncUtilTimeout: 10_000 })

const BASE = '/tenants/ten_1'
const BLOCKED = event({ event_id: 'evt_b', decisions: [decision({ event_id: 'evt_b' })] })
const SPAN = { from: '2026-11-26T07:00:00.000Z', to: '2026-11-26T08:00:00.000Z' }
let api: FakeApi
let asked: URLSearchParams[]
let cursor: string | null

beforeEach(() => {
  clearQueries()
  localStorage.clear()
  me.value = undefined
  reachable.value = true
  sessionState.value = 'unknown'
  asked = []
  cursor = null
  api = signedInApi('Viewer')
    .on(`GET ${BASE}/policies`, () => page([{ policy_id: 'pol_1', name: 'Stuffing' }]))
    .on(`GET ${BASE}/events`, (_body, url) => {
      asked.push(url.searchParams)
      const items = url.searchParams.has('text') ? [] : [BLOCKED, event({ event_id: 'evt_p' })]
      return { body: { items, next_cursor: cursor, ...SPAN } }
    })
    .on(`GET ${BASE}/events/evt_b`, () => ({ body: BLOCKED }))
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function open(path: string): void {
  history.replaceState(null, '', path)
  render(<App />)
}

async function rows(): Promise<readonly HTMLElement[]> {
  await screen.findAllByRole('link', { name: 'POST /login' })
  return within(screen.getByRole('table', { name: 'Requests' }))
    .getAllByRole('row')
    .slice(1)
}

describe('traffic', () => {
  it('lists requests with what was decided, each a link to its event', async () => {
    open('/t/acme/traffic')
    await screen.findByText('Stuffing', { selector: 'td' })
    const [blocked, passed] = await rows()
    expect(blocked?.textContent).toContain('POST /login')
    expect(blocked?.textContent).toContain('Block')
    expect(blocked?.textContent).toContain('Enforced')
    expect(passed?.textContent).toContain('Passed')
    const link = within(blocked ?? document.body).getByRole('link')
    expect(link.getAttribute('href')).toBe('/t/acme/traffic/evt_b?observed_at=2026-11-26T08%3A00%3A00.000Z')
  })

  it('keeps what it is narrowed to in the URL, and asks the API for it', async () => {
    open('/t/acme/traffic?outcome=block')
    await rows()
    expect(asked.at(-1)?.get('outcome')).toBe('block')
    fireEvent.input(screen.getByLabelText('Search in what was recorded'), { target: { value: '  nobody ' } })
    await screen.findByText('No request fits')
    expect(new URL(location.href).searchParams.get('text')).toBe('nobody')
    expect(asked.at(-1)?.get('text')).toBe('nobody')
    fireEvent.click(screen.getByRole('link', { name: 'Clear filters' }), { button: 0 })
    await rows()
    expect(location.search).toBe('')
  })

  it('goes on looking where the newest requests have none', async () => {
    cursor = 'further'
    open('/t/acme/traffic?text=rare')
    await screen.findByText('None among the newest requests')
    cursor = null
    fireEvent.click(screen.getByRole('button', { name: 'Look further back' }))
    await waitFor(() => expect(asked.at(-1)?.get('cursor')).toBe('further'))
    expect(asked.at(-1)?.get('from')).toBe(SPAN.from)
  })

  it('says what failed', async () => {
    api.on(`GET ${BASE}/events`, () => ({ status: 503, body: { detail: 'The ingestion broker does not answer.' } }))
    open('/t/acme/traffic')
    await screen.findByText('Requests could not be loaded')
    expect(screen.getByText('The ingestion broker does not answer.')).toBeTruthy()
  })
})

describe('an event', () => {
  const EXPLANATION = {
    ...{ event_id: 'evt_b', source_id: 'web', observed_at: BLOCKED.observed_at, revision: 7, decided: true },
    ...{ actions: ['login'], exemptions: [], next_cursor: null },
    policies: [
      policyWhy({ decision: decision(), window: { seconds: 60, threshold: 5, distinct: null, n: 5 } }),
      policyWhy({
        ...{ policy_id: 'pol_2', name: 'Scrapers', reason: 'expression', matched: false },
        clause: clause('user_agent = "bot"', { holds: false }),
      }),
      policyWhy({
        policy_id: 'pol_3',
        name: 'Bodies',
        reason: 'not_captured',
        matched: false,
        not_captured: ['body.x'],
      }),
    ],
  }

  it('tells for each policy whether it held and why, what decided something first and open', async () => {
    api.on(`GET ${BASE}/events/evt_b/explain`, () => ({ body: EXPLANATION }))
    open(`/t/acme/traffic/evt_b?observed_at=${BLOCKED.observed_at}`)
    await screen.findByText('decided with revision 7')
    const items = [...document.querySelectorAll<HTMLDetailsElement>('.why-policy')]
    expect(items.map((item) => [item.open, item.querySelector('summary')?.textContent])).toEqual([
      [true, 'BlockStuffingEnforced, 5 of 5'],
      [false, 'No matchScrapersIts expression is not true'],
      [false, 'No matchBodiesNot decided: the request was not captured with what it reads'],
    ])
    expect(screen.getByText('Seen 5 times in 60 seconds')).toBeTruthy()
  })

  it('opens the policy that the URL names', async () => {
    api.on(`GET ${BASE}/events/evt_b/explain`, () => ({ body: EXPLANATION }))
    open('/t/acme/traffic/evt_b?policy_id=pol_2')
    await screen.findByText('Scrapers')
    const item = screen.getByText('Scrapers').closest('details')
    expect(item?.open).toBe(true)
    expect(item?.textContent).toContain('user_agent = "bot"')
  })

  it('is shown even where it cannot be explained', async () => {
    api.on(`GET ${BASE}/events/evt_b/explain`, () => ({ status: 404, body: { detail: 'The policy set is gone.' } }))
    open('/t/acme/traffic/evt_b')
    await screen.findByText('The event could not be explained')
    expect(screen.getByRole('heading', { level: 1, name: 'POST /login' })).toBeTruthy()
    expect(screen.getByText('192.0.2.7')).toBeTruthy()
  })

  it('says that there is no such event', async () => {
    open('/t/acme/traffic/none')
    await screen.findByRole('heading', { level: 1, name: 'Page not found' })
  })
})
