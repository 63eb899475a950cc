/** Whether answers are for a program: asked for, or nobody looks at a terminal. */
export function isForPrograms({ json }: { readonly json: boolean }): boolean {
  return json || process.stdout.isTTY !== true
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Rows of two columns; later lines of a cell stand under its first. */
export function printRows(rows: readonly (readonly [name: string, text: string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  for (const [name, text] of rows) {
    const [first = '', ...more] = text.split('\n')
    process.stdout.write(`${name.padEnd(width)}${first}\n`)
    for (const line of more) process.stdout.write(`${' '.repeat(width)}${line}\n`)
  }
}
