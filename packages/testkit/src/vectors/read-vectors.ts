import { readFileSync } from 'node:fs'

/** The conformance cases of core under a name, `policy/decisions` say. */
export function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../core/vectors/${name}.json`, import.meta.url), 'utf8'))
}
