import { randomBytes } from 'node:crypto'

const COOKIE = 'shop_session'
const MAX_SESSIONS = 10_000

/** Sessions in memory: the oldest is forgotten when there are too many. */
export function sessions() {
  const kept = new Map()

  return (req, res, next) => {
    const id = readCookie(req.headers.cookie, COOKIE)
    req.session = kept.get(id)
    req.openSession = () => {
      if (req.session) return req.session
      const newId = randomBytes(18).toString('base64url')
      req.session = { cart: new Map(), customer: undefined }
      kept.set(newId, req.session)
      if (kept.size > MAX_SESSIONS) kept.delete(kept.keys().next().value)
      res.cookie(COOKIE, newId, { httpOnly: true, sameSite: 'lax', path: '/' })
      return req.session
    }
    next()
  }
}

function readCookie(header, name) {
  for (const part of (header ?? '').split(';')) {
    const [key, ...value] = part.trim().split('=')
    if (key === name) return value.join('=')
  }
  return undefined
}
