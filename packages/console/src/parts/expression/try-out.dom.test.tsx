import { cleanup, configure, fireEvent, render, screen, waitFor, within } from '@testing-library/preact'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clearQueries } from '../../api/query.js'
import { clause, event, why } from '../../testing/explanations.js'
import { type FakeApi, page, signedInApi } from '../../testing/fake-api.js'
import { TryOut } from './try-out.js'

configure({ asyncUtilTimeout: 5_000 })

const BASE = '/tenants/ten_1'
const MATCH = `POST ${BASE}/events/match`
const EXPLAIN = `POST ${BASE}/events/evt_1/explain`
const MATCHES = {
  events: 200,
  since: '2026-11-26T07:00:00.000Z',
  matched: 12,
  not_captured: 3,
  failed: 0,
  matching: [],
}
let api: FakeApi

function show(expression: string, valid = true) {
  return render(<TryOut base={BASE} valid={valid} draft={{ kind: 'policy', expression }} />)
}

beforeEach(() => {
  clearQueries()
  api = signedInApi()
    .on(`GET ${BASE}/events`, () => page([event(), event({ event_id: 'evt_2', fields: { request_path: '/pay' } })]))
    .on(MATCH, () => ({ body: MATCHES }))
    .on(EXPLAIN, () => ({ body: why() }))
    .on(`POST ${BASE}/events/evt_2/explain`, () => ({ body: why({ reason: 'expression', matched: false }) }))
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('trying an expression on own traffic', () => {
  it('says how many requests it would have matched, and of how many nobody can tell', async () => {
    show('request_path = "/login"')
    await screen.findByText('Would have matched 12 of the last 200 requests')
    expect(screen.getByText(/3 not captured with what it reads/)).toBeTruthy()
    expect(api.calls.find((one) => one.call === MATCH)?.body).toEqual({
      kind: 'policy',
      expression: 'request_path = "/login"',
    })
  })

  it('shows each condition with what it read, the deciding one marked, redacted values by word only', async () => {
    const reads = [
      { field: 'user_agent', value: 'curl/8', missing: false, redacted: false, captured: true },
      { field: 'cookies.session', missing: false, redacted: true, captured: true },
      { field: 'query.a', missing: true, redacted: false, captured: true },
    ]
    const inner = [
      clause('user_agent = "curl/8"', { decided: false, reads }),
      clause('request_path = "/pay"', { holds: false }),
      clause('$exists(user_id)', { reached: false, decided: false }),
    ]
    api.on(EXPLAIN, () => ({
      body: why({
        reason: 'expression',
        matched: false,
        clause: clause('', { kind: 'and', holds: false, clauses: inner }),
      }),
    }))
    show('x')
    await screen.findByText('Does not match')
    const tree = screen.getByRole('list', { name: 'Conditions' })
    expect(within(tree).getByText('"curl/8"', { selector: 'dd code' })).toBeTruthy()
    expect(within(tree).getByText('redacted')).toBeTruthy()
    expect(within(tree).getByText('missing')).toBeTruthy()
    expect(within(tree).getByText('not reached')).toBeTruthy()
    const deciding = [...tree.querySelectorAll('.clause-decides')].map(
      (item) => item.querySelector('code')?.textContent,
    )
    expect(deciding).toEqual(['request_path = "/pay"'])
  })

  it('is on a request that it matches until another is chosen', async () => {
    api.on(MATCH, () => ({ body: { ...MATCHES, matching: [{ event_id: 'evt_2', observed_at: event().observed_at }] } }))
    show('request_path = "/pay"')
    const choice = await screen.findByLabelText('Request to try it on')
    await waitFor(() => expect(choice instanceof HTMLSelectElement && choice.value).toBe('evt_2'))
    await screen.findByText('Does not match')
    fireEvent.change(choice, { target: { value: 'evt_1' } })
    await screen.findByText('Matches')
  })

  it('asks only once typing pauses, takes back what it asked, and keeps the last answer meanwhile', async () => {
    const signals: (AbortSignal | null | undefined)[] = []
    const asked = globalThis.fetch
    vi.stubGlobal('fetch', (input: string, init?: RequestInit) => {
      if (input.endsWith('/events/match')) signals.push(init?.signal)
      return asked(input, init)
    })
    const { rerender } = show('a = 1')
    await screen.findByText('Matches')
    for (const expression of ['a = 12', 'a = 123', 'a = 1234']) {
      rerender(<TryOut base={BASE} valid draft={{ kind: 'policy', expression }} />)
      expect(screen.getByText('Matches')).toBeTruthy()
    }
    await waitFor(() => expect(signals).toHaveLength(2))
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, false])
    const explained = () => api.calls.filter((one) => one.call === EXPLAIN).map((one) => one.body)
    await waitFor(() => expect(explained()).toHaveLength(2))
    expect(explained().at(-1)).toMatchObject({ expression: 'a = 1234' })
  })

  it('waits for an expression that can be saved', async () => {
    show('a =', false)
    await screen.findByText('Waits for a valid expression.')
    expect(api.calls.some((one) => one.call === MATCH)).toBe(false)
  })

  it('says that there is no traffic yet', async () => {
    api.on(`GET ${BASE}/events`, () => page([]))
    show('true')
    await screen.findByText(/No requests of your own to try it on yet/)
    expect(api.calls.some((one) => one.call === MATCH)).toBe(false)
  })

  it('says what failed, and tries again', async () => {
    const failing = () => ({ status: 503, body: { detail: 'The ingestion broker does not answer.' } })
    api.on(`GET ${BASE}/events`, failing)
    show('true')
    await screen.findByText('No requests to try it on could be loaded')
    api.on(`GET ${BASE}/events`, () => page([event()])).on(MATCH, failing)
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
    await screen.findByText(/It could not be tried: The ingestion broker does not answer/)
  })
})
