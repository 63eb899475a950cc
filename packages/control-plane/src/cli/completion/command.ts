import { Argument, type Command } from 'commander'
import { type Cli, describedCommand } from '../client/api-command.js'
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from './scripts.js'
import { wordsOf } from './words.js'

/** `esper completion`: what a shell needs to complete commands. */
export function completionCommand({ terminal }: Cli): Command {
  const command = describedCommand('completion', {
    summary: 'Prints a script with which a shell completes commands and options.',
    examples: [
      'source <(esper completion bash)                                # in ~/.bashrc',
      'source <(esper completion zsh)                                 # in ~/.zshrc, after compinit',
      'esper completion fish > ~/.config/fish/completions/esper.fish',
    ],
  }).addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
  return command.action((shell: Shell) => {
    const { parent } = command
    if (parent !== null) terminal.stdout.write(COMPLETION_SCRIPTS[shell](wordsOf(parent)))
  })
}
