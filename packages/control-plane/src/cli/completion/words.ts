import type { Command } from 'commander'

/** What can follow some words of a command line. */
export interface WordsAt {
  /** The commands so far, without the program's own name: `policy list`; an option at the end asks for its values. */
  readonly path: string
  readonly words: readonly Word[]
}

export interface Word {
  readonly word: string
  readonly meaning: string
}

/** Every place of the program where something can be completed. */
export function wordsOf(program: Command, path = ''): readonly WordsAt[] {
  const help = program.createHelp()
  const commands = help.visibleCommands(program)
  const options = help.visibleOptions(program)
  const words = [
    ...commands.map((command) => ({ word: command.name(), meaning: firstLine(command.description()) })),
    ...program.registeredArguments.flatMap(({ argChoices = [], description }) =>
      argChoices.map((word) => ({ word, meaning: firstLine(description) })),
    ),
    ...options.flatMap(({ long, description }) => (long ? [{ word: long, meaning: firstLine(description) }] : [])),
  ]
  const values = options.flatMap(({ long, short, argChoices = [], description }) =>
    [long, short].flatMap((flag) => {
      if (!flag || argChoices.length === 0) return []
      return [{ path: join(path, flag), words: argChoices.map((word) => ({ word, meaning: firstLine(description) })) }]
    }),
  )
  const below = program.commands
    .filter((command) => command.name() !== 'help')
    .flatMap((command) => wordsOf(command, join(path, command.name())))
  return [{ path, words }, ...values, ...below]
}

function join(path: string, word: string): string {
  return path === '' ? word : `${path} ${word}`
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
