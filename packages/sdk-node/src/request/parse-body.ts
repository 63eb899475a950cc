import type { BodyLimits, BodySource } from './body-source.js'
import { multipartFields } from './multipart.js'

/** Names deeper than this stay as they are written. */
const MAX_BRACKETS = 8
const MAX_FIELDS = 1_000

type Form = Iterable<readonly [name: string, value: string]>

/**
 * What a body says, for policies that read it: what a parser of the application's left, else JSON, a form, or the text
 * fields of a multipart form, whose files are their names. Undefined for anything else, and for what is larger than
 * `maxBytes` or does not come within `timeoutMs`. Never rejects.
 */
export async function bodyOf(source: BodySource, limits: BodyLimits): Promise<unknown> {
  if (source.parsed !== undefined || !source.exists) return source.parsed
  const kind = kindOf(source.contentType)
  if (kind === undefined) return undefined
  const bytes = await source.read(limits)
  if (bytes === undefined) return undefined
  try {
    if (kind === 'json') return JSON.parse(new TextDecoder().decode(bytes))
    if (kind === 'form') return formObject(new URLSearchParams(new TextDecoder().decode(bytes)))
    return formObject(multipartFields(bytes, source.contentType))
  } catch {
    // What is no such body says nothing.
    return undefined
  }
}

function kindOf(contentType: string): 'json' | 'form' | 'multipart' | undefined {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/json' || type.endsWith('+json')) return 'json'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  return type === 'multipart/form-data' ? 'multipart' : undefined
}

/** A form as an object: `user[email]` is `email` in `user`, as form parsers read it; a name given twice is a list. */
function formObject(form: Form): object {
  const root = new Map<string, unknown>()
  let fields = 0
  for (const [name, value] of form) {
    fields += 1
    if (fields > MAX_FIELDS) break
    put(root, pathOf(name), value)
  }
  return plain(root)
}

function pathOf(name: string): readonly string[] {
  const [, first = name, brackets = ''] = /^([^[\]]+)((?:\[[^[\]]*\])+)$/.exec(name) ?? []
  const inner = brackets === '' ? [] : brackets.slice(1, -1).split('][')
  return inner.length > MAX_BRACKETS ? [name] : [first, ...inner.filter((each) => each !== '')]
}

function put(root: Map<string, unknown>, path: readonly string[], value: string): void {
  let node = root
  for (const name of path.slice(0, -1)) {
    const next = node.get(name)
    const inner = next instanceof Map ? next : new Map<string, unknown>()
    node.set(name, inner)
    node = inner
  }
  const last = path.at(-1) ?? ''
  const known = node.get(last)
  if (known === undefined) node.set(last, value)
  else if (Array.isArray(known)) known.push(value)
  else if (typeof known === 'string') node.set(last, [known, value])
}

/** Names are data: `__proto__` is a name like any other. */
function plain(node: Map<string, unknown>): object {
  const object: object = Object.create(null)
  for (const [name, value] of node) {
    Object.defineProperty(object, name, {
      value: value instanceof Map ? plain(value) : value,
      enumerable: true,
    })
  }
  return object
}
