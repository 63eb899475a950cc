import { isRecord, ownValue } from '../expression/semantics.js'
import type { Fields } from '../fields/fields.js'

/** Whether one of these paths reads `user_id` or a label that the application has not said of the event. */
export function isUnsaid(reads: readonly (readonly string[])[], { user_id: userId, labels }: Fields): boolean {
  return reads.some(([first, label]) => {
    if (first === 'user_id') return userId === undefined
    if (first !== 'labels') return false
    return !isRecord(labels) || (label !== undefined && ownValue(labels, label) === undefined)
  })
}
