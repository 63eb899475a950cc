import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact'
import { LocationProvider } from 'preact-iso'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clearQueries } from '../../api/query.js'
import { Form } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { type FakeApi, signedInApi } from '../../testing/fake-api.js'
import { ExpressionField } from './expression-field.js'

const BASE = '/tenants/ten_1'
const CHECK = `POST ${BASE}/expressions/check`
let api: FakeApi

function Sample() {
  const form = useForm({ initial: { expression: '' }, save: async () => undefined })
  return (
    <LocationProvider>
      <Form form={form} label="Sample" submitLabel="Save">
        <ExpressionField
          base={BASE}
          path="expression"
          label="Expression"
          kind="policy"
          value={form.values.expression}
          onValue={(expression) => form.set({ expression })}
        />
      </Form>
    </LocationProvider>
  )
}

function editor(): HTMLTextAreaElement {
  const element = screen.getByLabelText('Expression')
  if (!(element instanceof HTMLTextAreaElement)) throw new Error('not a text area')
  return element
}

function type(text: string): void {
  const element = editor()
  element.value = text
  element.setSelectionRange(text.length, text.length)
  fireEvent.input(element)
}

const underlined = () => [...document.querySelectorAll('.tok-wrong')].map((piece) => piece.textContent).join('')

beforeEach(() => {
  clearQueries()
  api = signedInApi()
  render(<Sample />)
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('an expression', () => {
  it('is checked while it is typed, once typing pauses', async () => {
    type('request')
    type('request_path = "/a"')
    await screen.findByText('Valid. It reads request_path.')
    const checks = api.calls.filter((one) => one.call === CHECK)
    expect(checks.map((one) => one.body)).toEqual([{ expression: 'request_path = "/a"', kind: 'policy' }])
  })

  it('is underlined where it is wrong, with line, column and what to write instead', async () => {
    const issue = {
      code: 'unknown_function',
      message: 'there is no function $containss',
      line: 2,
      column: 5,
      length: 10,
    }
    api.on(CHECK, () => ({ body: { ok: false, errors: [{ ...issue, instead: '$contains' }] } }))
    type('a = 1\nand $containss(b, "c")')
    await screen.findByText(/Line 2, column 5: There is no function \$containss\./)
    expect(screen.getByText(/Instead: \$contains/)).toBeTruthy()
    expect(underlined()).toBe('$containss')
    expect(editor().getAttribute('aria-invalid')).toBe('true')
  })

  it('forgets an answer that is older than the text', async () => {
    api.on(CHECK, () => ({
      body: { ok: false, errors: [{ code: 'x', message: 'ends too early', line: 1, column: 4 }] },
    }))
    type('a =')
    await screen.findByText(/Ends too early/)
    type('a = 1')
    await waitFor(() => expect(screen.queryByText(/Ends too early/)).toBeNull())
    expect(underlined()).toBe('')
  })

  it('is completed from the catalog by keyboard alone', async () => {
    await waitFor(() => {
      type('')
      type('request_')
      expect(screen.getAllByRole('option')).toHaveLength(2)
    })
    const chosen = () => document.getElementById(editor().getAttribute('aria-activedescendant') ?? '')?.textContent
    expect(chosen()).toContain('request_method')
    fireEvent.keyDown(editor(), { key: 'ArrowDown' })
    await waitFor(() => expect(chosen()).toContain('request_path'))
    fireEvent.keyDown(editor(), { key: 'Enter' })
    await waitFor(() => expect(editor().value).toBe('request_path'))
    expect(screen.queryByRole('option')).toBeNull()
  })

  it('closes completion with Escape and keeps what was typed', async () => {
    await waitFor(() => {
      type('')
      type('$con')
      expect(screen.getByRole('option')).toBeTruthy()
    })
    fireEvent.keyDown(editor(), { key: 'Escape' })
    await waitFor(() => expect(screen.queryByRole('option')).toBeNull())
    expect(editor().value).toBe('$con')
  })

  it('shows markup as text', async () => {
    type('<b>bold</b>')
    await waitFor(() => expect(document.querySelector('.editor-paint')?.textContent).toContain('<b>bold</b>'))
    expect(document.querySelector('.editor-paint b')).toBeNull()
  })
})
