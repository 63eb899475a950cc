import type { WordsAt } from './words.js'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** A script that completes `esper` in a shell: all words are in it, so that completing starts no program. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, (places: readonly WordsAt[]) => string>> = {
  bash: (places) => `# esper completion for bash
${posixFunctions(places)}
_esper() {
  local at
  at=$(_esper_at "\${COMP_WORDS[@]:1:COMP_CWORD-1}")
  COMPREPLY=($(compgen -W "$(_esper_words "$at")" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _esper esper
`,
  zsh: (places) => `#compdef esper
# esper completion for zsh
${posixFunctions(places)}
_esper() {
  local -a found
  found=(\${=$(_esper_words "$(_esper_at "\${(@)words[2,CURRENT-1]}")")})
  if (( \${#found} )); then compadd -a found; else _files; fi
}
if [ "$funcstack[1]" = _esper ]; then _esper; else compdef _esper esper; fi
`,
  fish: (places) => `# esper completion for fish
function __esper_words
  switch "$argv"
${places.map(({ path, words }) => fishCase(path, words)).join('\n')}
  end
end
function __esper_at
  set -l at
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$at $word")
    if test -n "$(__esper_words $next)"
      set at $next
    else if not string match -q -- '-*' $word
      set at (string replace -r -- ' -.*' '' "$at")
    end
  end
  echo $at
end
complete -c esper -f -a '(__esper_words (__esper_at))'
complete -c esper -s f -l file -r -F
`,
}

/**
 * \`_esper_words\` says what can follow a place; \`_esper_at\` finds the place of a command line: each word that leads on
 * is followed, an option stays only until its value is there.
 */
function posixFunctions(places: readonly WordsAt[]): string {
  const cases = places.map(({ path, words }) => {
    return `    ${quoted(path)}) printf '%s\\n' ${words.map(({ word }) => quoted(word)).join(' ')} ;;`
  })
  return `_esper_words() {
  case "$1" in
${cases.join('\n')}
  esac
}
_esper_at() {
  local at='' word next
  for word in "$@"; do
    next="\${at:+$at }$word"
    if [ -n "$(_esper_words "$next")" ]; then at="$next"
    else case "$word" in -*) ;; *) at="\${at%% -*}" ;; esac
    fi
  done
  printf '%s' "$at"
}`
}

function fishCase(path: string, words: WordsAt['words']): string {
  const lines = words.map(({ word, meaning }) => fishQuoted(`${word}\t${meaning}`)).join(' ')
  return `    case ${fishQuoted(path)}\n      printf '%s\\n' ${lines}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
