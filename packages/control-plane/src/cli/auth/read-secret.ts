import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Terminal } from '../terminal.js'

/** What standard input holds, or what is typed there without being shown. */
export async function readSecret({ stdin, stderr }: Terminal, question: string): Promise<string> {
  if (stdin.isTTY !== true) return (await text(stdin)).trim()
  stderr.write(question)
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() })
  const reader = createInterface({ input: stdin, output: nowhere, terminal: true })
  try {
    return (await reader.question('')).trim()
  } finally {
    reader.close()
    stderr.write('\n')
  }
}
