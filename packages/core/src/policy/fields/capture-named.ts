import { captureBody } from './capture-body.js'
import { type Redact, setRedacted } from './lazy-redaction.js'
import { emptyMap, type FieldMapDraft } from './plain-data.js'
import { isCredentialName } from './redaction.js'

/** The entries of a map that are asked for, nested as they are, credentials at any depth as keyed hashes. */
export function captureNamed(
  values: Readonly<Record<string, unknown>>,
  names: readonly string[],
  redact: Redact,
): FieldMapDraft {
  const captured = emptyMap()
  const wanted = names.includes('*') ? Object.keys(values) : names.filter((name) => Object.hasOwn(values, name))
  for (const name of wanted) {
    // Labels nest as bodies do, and so do the credentials in them.
    const value = captureBody(values[name], ['*'], redact)
    if (value === undefined) continue
    if (isCredentialName(name)) setRedacted(captured, name, value, redact)
    else captured[name] = value
  }
  return captured
}
