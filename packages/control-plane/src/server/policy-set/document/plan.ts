import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type CurrentPolicySet, idOf, itemOf, recordsOf } from './items.js'
import { SECTIONS, type Section } from './references.js'
import type { PolicySetChange, PolicySetPlan } from './schema.js'

/** What has to happen so that a tenant's policy set becomes another one. */
export function planOf(current: CurrentPolicySet, wanted: CurrentPolicySet): PolicySetPlan {
  const changes = [
    ...settingsChange(current, wanted),
    ...SECTIONS.flatMap((section) => sectionChanges(section, current, wanted)),
  ]
  const plan = createHash('sha256').update(JSON.stringify(changes)).digest('base64url')
  return { plan, changes }
}

function settingsChange({ tenant: before }: CurrentPolicySet, { tenant: after }: CurrentPolicySet): PolicySetChange[] {
  const pick = ({ enforcement, watch_fields, clear_cookies }: typeof before) => ({
    enforcement,
    watch_fields,
    clear_cookies,
  })
  const fields = differing(pick(before), pick(after))
  return fields.length === 0 ? [] : [{ section: 'settings', verb: 'update', name: '', fields }]
}

function sectionChanges(section: Section, current: CurrentPolicySet, wanted: CurrentPolicySet): PolicySetChange[] {
  const before = new Map(recordsOf(current, section).map((record) => [idOf(section, record), record]))
  const after = recordsOf(wanted, section)
  const kept = new Set(after.map((record) => idOf(section, record)))
  const made = after.flatMap((record): PolicySetChange[] => {
    const old = before.get(idOf(section, record))
    if (old === undefined) return [{ section, verb: 'create', name: record.name, fields: [] }]
    if (old === record) return []
    const fields = differing(itemOf(section, old, current), itemOf(section, record, wanted))
    return [{ section, verb: 'update', name: record.name, fields }]
  })
  const gone = [...before.values()].filter((record) => !kept.has(idOf(section, record)))
  return [...made, ...gone.map(({ name }): PolicySetChange => ({ section, verb: 'delete', name, fields: [] }))]
}

function differing(before: Record<string, unknown>, after: Record<string, unknown>): PolicySetChange['fields'] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names
    .filter((name) => !isDeepStrictEqual(before[name], after[name]))
    .map((name) => {
      const [old, fresh] = [before[name] ?? null, after[name] ?? null]
      return name === 'entries'
        ? { field: name, ...entriesText(old, fresh) }
        : { field: name, before: old, after: fresh }
    })
}

/** Of a hundred thousand entries nobody reads two lists. */
function entriesText(before: unknown, after: unknown) {
  const [old, fresh] = [before, after].map((entries) =>
    Array.isArray(entries) ? entries.map((one) => JSON.stringify(one)) : [],
  )
  const [had, has] = [new Set(old), new Set(fresh)]
  const added = [...has].filter((entry) => !had.has(entry)).length
  const removed = [...had].filter((entry) => !has.has(entry)).length
  return { before: `${had.size} entries`, after: `${has.size} entries (${added} added, ${removed} removed)` }
}
