/** How every command ends, for scripts. The help of each command and docs/cli.md list them. */
export const EXIT = {
  done: 0,
  refused: 1,
  usage: 2,
  differs: 3,
  notAllowed: 4,
  notFound: 5,
  unreachable: 6,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.done, 'done'],
  [EXIT.refused, 'refused: what was given is not valid or conflicts; the message says what and where'],
  [EXIT.usage, 'the command line, a profile or a file cannot be used'],
  [EXIT.differs, 'the answer is no: there are differences, or the audit log does not hold'],
  [EXIT.notAllowed, 'not signed in, or the role does not allow it'],
  [EXIT.notFound, 'there is no such thing'],
  [EXIT.unreachable, 'the server does not answer, or cannot at the moment'],
]
