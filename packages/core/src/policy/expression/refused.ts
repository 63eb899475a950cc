/** Why a program cannot be used; `path` leads to the node, as in `root/1/0`. */
export interface ProgramProblem {
  readonly code:
    | 'program_version'
    | 'program_malformed'
    | 'program_operation_unknown'
    | 'program_too_large'
    | 'list_unavailable'
    | 'pattern_unsupported'
  readonly message: string
}

/** Thrown while a program is compiled; `compileProgram` turns it into a result. */
export class Refused extends Error {
  readonly problem: ProgramProblem
  constructor(code: ProgramProblem['code'], message: string) {
    super(message)
    this.problem = { code, message }
  }
}
