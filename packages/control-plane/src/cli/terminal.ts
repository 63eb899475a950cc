import type { Readable, Writable } from 'node:stream'
import { readEnvironment } from '../config/environment.js'

/** What a command reads from and writes to. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
}

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process
  return { stdin, stdout, stderr, env: readEnvironment() }
}
