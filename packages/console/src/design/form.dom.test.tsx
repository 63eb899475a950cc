import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact'
import { LocationProvider } from 'preact-iso'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError, type FieldIssue, readProblem } from '../api/problem.js'
import { TextInput } from './controls.js'
import { Field, Form } from './form.js'
import { useForm } from './form-state.js'

interface Values {
  readonly name: string
  readonly keys: string
}

function Sample({ save }: { save: (values: Values) => Promise<void> }) {
  const form = useForm<Values>({ initial: { name: '', keys: '' }, save })
  return (
    <LocationProvider>
      <Form form={form} label="Create thing" submitLabel="Create thing">
        <Field path="name" label="Name" help="What it is called.">
          {(control) => <TextInput {...control} value={form.values.name} onValue={(name) => form.set({ name })} />}
        </Field>
        <Field path="key_fields" label="Key fields">
          {(control) => <TextInput {...control} value={form.values.keys} onValue={(keys) => form.set({ keys })} />}
        </Field>
        <a href="/elsewhere">Elsewhere</a>
      </Form>
    </LocationProvider>
  )
}

function refusal(errors: readonly Partial<FieldIssue>[]): ApiError {
  return new ApiError(
    readProblem(422, { title: 'Some fields are not valid.', detail: 'The request has problems.', errors }),
  )
}

const submit = () => fireEvent.submit(screen.getByRole('form', { name: 'Create thing' }))
const named = (name: string) => screen.getByLabelText(name)

afterEach(() => {
  cleanup()
  history.replaceState(null, '', '/')
})

describe('a form', () => {
  it("shows the API's messages at the fields they name, and all of them in a summary", async () => {
    const save = vi.fn(async () => {
      throw refusal([
        { path: 'name', message: 'must not be empty' },
        { path: 'key_fields.1', message: 'repeats "client_ip"' },
        { path: 'tenant', message: 'is suspended' },
      ])
    })
    render(<Sample save={save} />)
    submit()
    const summary = await screen.findByRole('alert')
    expect(summary.textContent).toContain('Some fields are not valid.')
    expect(summary.textContent).toContain('Name: Must not be empty.')
    expect(summary.textContent).toContain('Key fields: Repeats "client_ip".')
    expect(summary.textContent).toContain('tenant: Is suspended.')
    await waitFor(() => expect(document.activeElement).toBe(summary))

    const name = named('Name')
    expect(name.getAttribute('aria-invalid')).toBe('true')
    const described = (name.getAttribute('aria-describedby') ?? '').split(' ')
    expect(described.map((id) => document.getElementById(id)?.textContent)).toEqual([
      'Must not be empty.',
      'What it is called.',
    ])
    expect(named('Key fields').getAttribute('aria-invalid')).toBe('true')

    fireEvent.input(name, { target: { value: 'a' } })
    await waitFor(() => expect(name.getAttribute('aria-invalid')).toBeNull())
    expect(named('Key fields').getAttribute('aria-invalid')).toBe('true')
  })

  it('leads from the summary to the field', async () => {
    render(<Sample save={async () => Promise.reject(refusal([{ path: '/name', message: 'must not be empty' }]))} />)
    submit()
    fireEvent.click(await screen.findByRole('button', { name: 'Name' }))
    expect(document.activeElement).toBe(named('Name'))
  })

  it('gives line and column of an expression', async () => {
    const errors = [{ path: 'name', message: 'there is no function $x', line: 2, column: 10 }]
    render(<Sample save={async () => Promise.reject(refusal(errors))} />)
    submit()
    await waitFor(() => expect(screen.getByText('Line 2, column 10: There is no function $x.')).toBeTruthy())
  })

  it('is off while it saves, and saves once', async () => {
    let finish: () => void = () => undefined
    const save = vi.fn(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve
        }),
    )
    render(<Sample save={save} />)
    submit()
    const button = await screen.findByRole('button', { name: 'Saving…' })
    expect(button.hasAttribute('disabled')).toBe(true)
    submit()
    finish()
    await screen.findByRole('button', { name: 'Create thing' })
    expect(save).toHaveBeenCalledOnce()
  })

  it('asks before leaving what is not saved', async () => {
    render(<Sample save={async () => undefined} />)
    fireEvent.input(named('Name'), { target: { value: 'typed' } })
    await waitFor(() => {
      fireEvent.click(screen.getByText('Elsewhere'), { button: 0 })
      expect(screen.getByText('Leave without saving?')).toBeTruthy()
    })
    expect(location.pathname).toBe('/')
    fireEvent.click(screen.getByRole('button', { name: 'Keep editing' }))
    await waitFor(() => expect(screen.queryByText('Leave without saving?')).toBeNull())
    fireEvent.click(screen.getByText('Elsewhere'), { button: 0 })
    fireEvent.click(await screen.findByRole('button', { name: 'Leave without saving' }))
    await waitFor(() => expect(location.pathname).toBe('/elsewhere'))
  })
})
