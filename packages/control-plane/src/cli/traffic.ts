import { Command, Option } from 'commander'
import { FORMAT_NAMES } from '../traffic-import/formats/log-format.js'
import { type ImportFlags, importTraffic } from './traffic/import.js'

/** `esper traffic`: one's own traffic, from before the SDK was there. */
export function trafficCommand(): Command {
  return new Command('traffic')
    .description("One's own traffic, from before the SDK was there.")
    .addCommand(importCommand())
}

function importCommand(): Command {
  return new Command('import')
    .description('Sends what an access log tells as events of a source, with their own times.')
    .argument('<log>', 'the log, compressed by gzip or not; "-" reads standard input')
    .addOption(new Option('--format <format>', 'else recognised by the first lines').choices(FORMAT_NAMES))
    .option('--url <url>', 'where esper-server is (ESPER_URL)')
    .option('--key-id <id>', 'id of the API key whose source it becomes (ESPER_KEY_ID)')
    .option('--secret-file <file>', "file with the key's secret (else ESPER_SECRET)")
    .option('--state <folder>', 'where it is remembered how far each log is imported')
    .option('--restart', 'begins at the first line, whatever is remembered', false)
    .option('--dry-run', 'reads the log and sends nothing', false)
    .option('--json', 'JSON, as when standard output is not a terminal', false)
    .addHelpText('after', HELP)
    .action(async (log: string, flags: ImportFlags) => {
      process.exitCode = await importTraffic(log, flags)
    })
}

const HELP = `
Formats:
  combined    the common and combined log of Apache and nginx, with a virtual host before it or not
  nginx-json  a JSON object a line, by the names of nginx's variables: msec or time_iso8601, request, status, …
  ndjson      {"observed_at": …, "fields": {…}} a line, by Esper's field names

Each line is imported once: a run that was ended goes on where it stopped, and one that is repeated sends what is new.
Policies count these events at the time they happened, so last week's traffic blocks nobody today; a policy that reads
something the log does not tell is shown as not captured, never as zero.

Examples:
  esper traffic import --dry-run /var/log/nginx/access.log
  ESPER_URL=http://127.0.0.1:8080 ESPER_KEY_ID=key_… ESPER_SECRET=… esper traffic import access.log.1.gz
  ssh web-1 cat access.log | esper traffic import --format combined -

Exit codes:
  0    everything that can be read is imported
  1    it could not be imported, or not to its end; the next run goes on from there
  2    the command line, the log or the configuration cannot be used
  130  ended by Ctrl-C; the next run goes on from there`
