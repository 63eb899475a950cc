import { LIMITS } from '../../protocol/limits.js'
import type { FieldValue } from './fields.js'
import { type Redact, setRedacted } from './lazy-redaction.js'
import { emptyMap, type FieldMapDraft, plainData } from './plain-data.js'
import { isCredentialName } from './redaction.js'

/** Body paths as a tree; `all` where the whole value is wanted. */
interface Wanted {
  all: boolean
  readonly inner: Map<string, Wanted>
}

/**
 * The parts of a body that dotted paths ask for, as plain data, through lists as paths go, with credentials redacted.
 * `undefined` when the body has none of them or cannot be read.
 */
export function captureBody(body: unknown, paths: readonly string[], redact: Redact): FieldValue | undefined {
  if (body === undefined) return undefined
  try {
    return capture(body, wantedTree(paths), redact, 0)
  } catch {
    // A getter of the application's own may throw.
    return undefined
  }
}

function wantedTree(paths: readonly string[]): Wanted {
  const root: Wanted = { all: paths.includes('*'), inner: new Map() }
  for (const path of paths) {
    let node = root
    for (const name of path.split('.')) {
      const next = node.inner.get(name) ?? { all: false, inner: new Map() }
      node.inner.set(name, next)
      node = next
    }
    node.all = true
  }
  return root
}

function capture(value: unknown, wanted: Wanted, redact: Redact, depth: number): FieldValue | undefined {
  if (typeof value !== 'object' || value === null) return wanted.all ? plainData(value) : undefined
  if (depth >= LIMITS.jsonDepth || ArrayBuffer.isView(value)) return undefined
  if (Array.isArray(value)) {
    const items = value.slice(0, LIMITS.objectKeys)
    return items.map((item: unknown) => capture(item, wanted, redact, depth + 1) ?? null)
  }
  if (value instanceof Date) return wanted.all ? plainData(value) : undefined
  return captureObject(value, wanted, redact, depth)
}

function captureObject(value: object, wanted: Wanted, redact: Redact, depth: number): FieldMapDraft {
  const copy = emptyMap()
  const names = wanted.all ? Object.keys(value) : [...wanted.inner.keys()].filter((name) => Object.hasOwn(value, name))
  for (const name of names.slice(0, LIMITS.objectKeys)) {
    const inner = wanted.all ? wanted : wanted.inner.get(name)
    const item: unknown = Reflect.get(value, name)
    if (inner === undefined || item === undefined) continue
    if (isCredentialName(name)) {
      const whole = plainData(item, depth + 1)
      if (whole !== undefined) setRedacted(copy, name, whole, redact)
      continue
    }
    const captured = capture(item, inner, redact, depth + 1)
    if (captured !== undefined) copy[name] = captured
  }
  return copy
}
