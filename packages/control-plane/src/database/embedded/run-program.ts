import { execFile } from 'node:child_process'

export type Ran = { readonly ok: true; readonly output: string } | { readonly ok: false; readonly reason: string }

/** Runs a program to its end and gives what it wrote. Does not throw. */
export function runProgram(command: string, args: readonly string[], timeoutMs: number): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { timeout: timeoutMs, maxBuffer: 4_194_304 }, (error, stdout, stderr) => {
      process.off('exit', end)
      if (error === null) resolve({ ok: true, output: stdout })
      else resolve({ ok: false, reason: lastLine(stderr) || lastLine(stdout) || error.message })
    })
    // Nothing we began goes on when we end in the middle of it.
    const end = () => child.kill()
    process.once('exit', end)
  })
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? ''
}
