import { createHash, timingSafeEqual } from 'node:crypto'

const digest = (text) => createHash('sha256').update(text).digest()

/** The shop's customers. A real shop keeps slow password hashes in a database. */
const customers = new Map([
  ['ada@example.com', { name: 'Ada', password: digest('correct horse') }],
  ['grace@example.com', { name: 'Grace', password: digest('battery staple') }],
  ['alan@example.com', { name: 'Alan', password: digest('enigma bombe') }],
])

/** The customer whose password this is, or undefined: an unknown name costs the same as a wrong password. */
export function signIn(email, password) {
  const customer = customers.get(email)
  const matches = timingSafeEqual(digest(password), customer?.password ?? digest(''))
  return customer && matches ? { email, name: customer.name } : undefined
}
