import { readdir } from 'node:fs/promises'

const FOLDER = new URL('../gates/', import.meta.url)

/**
 * The gates there are, in the order of their ids. Each file in `gates/` exports `GATES`: by the gate's id a function of
 * `{ rounds }` that gives the gate's rows. A gate is added by adding a file.
 * @returns {Promise<ReadonlyMap<string, (options: { readonly rounds: number }) => Promise<readonly import('./row.mjs').Row[]>>>}
 */
export async function loadGates() {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.mjs'))
  const modules = await Promise.all(files.map((name) => import(new URL(name, FOLDER).href)))
  const found = modules.flatMap(({ GATES }) => Object.entries(GATES))
  return new Map(found.sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true })))
}
