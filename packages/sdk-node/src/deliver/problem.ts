import type { Answer } from './transport.js'

/** What is of use in a problem answer; nothing when it is none. */
export interface Problem {
  readonly code?: string
  readonly server_time?: number
}

/** Reads a problem answer, whatever was sent in its place. */
export function readProblem(answer: Answer): Problem {
  if (answer.status < 400 || answer.body.length === 0) return {}
  try {
    const parsed: unknown = JSON.parse(answer.body.toString('utf8'))
    if (typeof parsed !== 'object' || parsed === null) return {}
    const code: unknown = Reflect.get(parsed, 'code')
    const time: unknown = Reflect.get(parsed, 'server_time')
    return {
      ...(typeof code === 'string' && /^[\w-]{1,64}$/.test(code) ? { code } : {}),
      ...(typeof time === 'number' ? { server_time: time } : {}),
    }
  } catch {
    return {}
  }
}
