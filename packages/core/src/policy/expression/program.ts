/** Version of the program's shape. A policy whose program has another version is disabled, never the bundle. */
export const PROGRAM_VERSION = 1

/** A lowered expression: small, versioned JSON that core prepares into closures. `root` is checked, never trusted. */
export interface Program {
  readonly version: number
  readonly root: ProgramNode
}

/** One instruction: an operation name and its operands. */
export type ProgramNode = readonly [op: string, ...operands: readonly unknown[]]
