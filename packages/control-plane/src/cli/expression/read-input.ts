import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'

export type ReadText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }

/** Text of a file, or of standard input for `-`. */
export async function readInput(path: string): Promise<ReadText> {
  try {
    return { ok: true, text: path === '-' ? await text(process.stdin) : await readFile(path, 'utf8') }
  } catch (error) {
    return { ok: false, reason: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}` }
  }
}

export type ReadJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string }

/** A JSON value of a file, or of standard input for `-`. */
export async function readJson(path: string): Promise<ReadJson> {
  const read = await readInput(path)
  if (!read.ok) return read
  try {
    return { ok: true, value: JSON.parse(read.text) }
  } catch (error) {
    const name = path === '-' ? 'Standard input' : path
    return { ok: false, reason: `${name} is not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}
