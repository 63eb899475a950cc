import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { createProgram } from './program.js'
import { processTerminal } from './terminal.js'

/** Each command that does something, with its help as somebody sees it. */
function helpTexts(command: Command, path = command.name()): readonly (readonly [path: string, help: string])[] {
  if (command.commands.length > 0) return command.commands.flatMap((one) => helpTexts(one, `${path} ${one.name()}`))
  let help = ''
  command
    .configureOutput({
      writeOut: (text) => {
        help = `${help}${text}`
      },
    })
    .outputHelp()
  return [[path, help]]
}

const texts = helpTexts(createProgram({ terminal: processTerminal(), end: () => undefined }))

it.each(texts)('%s --help says what it is for, shows an example of itself, and how it ends', (path, help) => {
  expect(help).toMatch(/^Usage: /)
  const [, examples = ''] = help.split('Examples:\n')
  expect(examples).toContain(path)
  expect(help).toMatch(/Exit codes:\n +0/)
})
