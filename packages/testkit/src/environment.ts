/** The only reader of the process's environment in this package. */
export function readEnvironment(): Readonly<Record<string, string | undefined>> {
  return { ...process.env }
}
