import { Command, Option } from 'commander'
import { checkExpression } from './expression/check.js'
import { evaluateExpression } from './expression/evaluate.js'
import type { EvalFlags, ExpressionFlags } from './expression/flags.js'

/** `esper expression`: tries what tenants write, without a server. */
export function expressionCommand(): Command {
  return new Command('expression')
    .description('Checks and tries expressions, without a server.')
    .addCommand(checkCommand())
    .addCommand(evalCommand())
}

function checkCommand(): Command {
  return withOptions(new Command('check'))
    .description('Checks an expression as it would be checked at save.')
    .argument('<expression>', 'the expression; "-" reads it from standard input')
    .addHelpText('after', CHECK_HELP)
    .action(async (expression: string, options: ExpressionFlags) => {
      process.exitCode = await checkExpression(expression, options)
    })
}

function evalCommand(): Command {
  return withOptions(new Command('eval'))
    .description('Evaluates an expression on a record of fields.')
    .argument('[expression]', 'the expression')
    .option('--fields <file>', 'JSON file with the record; "-" reads it from standard input')
    .option('--stdin', 'answers each line {"expression", "input"} of standard input with a line', false)
    .addHelpText('after', EVAL_HELP)
    .action(async (expression: string | undefined, options: EvalFlags, command: Command) => {
      if (options.stdin && (expression !== undefined || options.fields !== undefined)) {
        command.error('error: --stdin reads expressions and records from standard input, and takes no others')
      }
      if (!options.stdin && (expression === undefined || options.fields === undefined)) {
        command.error('error: give an expression and the record to evaluate it on: --fields event.json')
      }
      process.exitCode = await evaluateExpression(expression, options)
    })
}

function withOptions(command: Command): Command {
  return command
    .addOption(new Option('--kind <kind>', 'what it is for').choices(['action', 'policy', 'match']).default('policy'))
    .option('--clear-cookie <name...>', 'cookies that the tenant carries in clear', [])
    .option('--json', 'JSON, as when standard output is not a terminal', false)
}

const EXIT_CODES = `
Exit codes:
  0  the expression is accepted
  1  it is refused; the answer says why, where, and what to write instead
  2  the command line, a file or standard input cannot be used`

const CHECK_HELP = `
Examples:
  esper expression check 'request_method = "POST" and $contains(request_path, /^\\/login/)'
  esper expression check --json 'usr_agent = "curl"'
${EXIT_CODES}`

const EVAL_HELP = `
The record is an event's fields, as the console shows them; any JSON value is accepted. The answer is the value that the
expression gives, or none when it is missing.

With --stdin, each line of standard input is {"expression": text, "input": record}, and each gets one line, in order:
  {"ok": true, "value": …}      no value when it is missing
  {"ok": false, "stage": "save" | "run", "code", "message", "line", "column"}
A line that cannot be read gets an answer as well.

Examples:
  esper expression eval 'request_path = "/login"' --fields event.json
  echo '{"user_agent": "curl/8"}' | esper expression eval '$contains(user_agent, /curl/)' --fields -
  esper expression eval --stdin < cases.ndjson > answers.ndjson
${EXIT_CODES}
  3  it is accepted, and gives an error for this record
With --stdin the exit code is 0 once every line is answered.`
