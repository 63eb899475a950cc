/**
 * Lists that a path or selection made, as far as they hold lists: jsonata tells them from lists of the data, and `$distinct`
 * gives of the former what is left of one alone by itself. Of other lists it makes no difference that can be seen.
 */
const MADE = new WeakSet<readonly unknown[]>()

/** A list that a path or selection made, of two items and more. */
export function madeByPath(items: readonly unknown[]): readonly unknown[] {
  if (items.some((item) => item === undefined || Array.isArray(item))) MADE.add(items)
  return items
}

/** Whether a path or selection made a list that holds lists or missing items. */
export function isMadeByPath(list: readonly unknown[]): boolean {
  return MADE.has(list)
}
