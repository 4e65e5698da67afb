import { type Command, InvalidArgumentError, Option } from 'commander'
import { TOKEN_PROBLEMS } from '../domain/identity.ts'
import { nearest } from '../domain/nearest.ts'

const EXAMPLE = `
Examples:
  stepgate explain 4f6f2c1e-6b0a-4d0e-9c58-0a4f0c6b7d11 --audit var/audit.jsonl
  stepgate explain --method PUT --path /v1/licenses/L-1/tier --body '{"seats":600}' --ip 10.1.2.3 --role license-manager --level mfa

What is not given is not there: no --ip, no address. A caller is there when anything is said of one; their
login is of this moment unless --auth-age says otherwise.`

/** Adds the options by which a made-up request is described. */
export function addExplainOptions(command: Command): Command {
  return command
    .option('--audit <path>', 'where the decision is recorded; may be repeated', collect)
    .option('--policies <folder>', 'where the service keeps the texts of policies')
    .option('--policy <path>', 'a file or directory; may be repeated', collect)
    .option('--request <file>', 'the request in YAML, as a test has it; options go over it')
    .option('--method <method>', 'GET unless said')
    .option('--path <path>', 'as Envoy would send it, with the query')
    .option('--host <host>', 'localhost unless said')
    .option('--header <name:value>', 'may be repeated', collect)
    .option('--body <json>', 'JSON, or @FILE')
    .option('--ip <address>', 'of the client')
    .option('--now <time>', 'RFC 3339; now unless said')
    .option('--issuer <name>', 'by its name in the settings; the first of the ladder unless said')
    .option('--subject <id>', 'who calls')
    .option('--role <role>', 'may be repeated', collect)
    .option('--scope <scope>', 'may be repeated', collect)
    .option('--client <id>', 'the client_id of the token')
    .option('--workload', 'the caller is a program')
    .option('--claim <name=value>', 'JSON or text; may be repeated', collect)
    .option('--level <level>', 'a login of this level')
    .option('--acr <acr>', 'of the login')
    .option('--amr <method>', 'of the login; may be repeated', collect)
    .option('--auth-age <duration>', 'age of the login: 3m, 8h; or unknown')
    .option('--single-use', 'the login was made for this very request, and is unspent')
    .option('--revoked', 'the session was revoked')
    .option('--disabled', 'the account was disabled')
    .addOption(new Option('--token <problem>', 'the token is refused for this').argParser(problem))
    .option('--all', 'show every rule that does not fit')
    .addHelpText('after', EXAMPLE)
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

function problem(text: string): string {
  const problems = Object.keys(TOKEN_PROBLEMS)
  if (problems.includes(text)) return text
  const close = nearest(text, problems)
  throw new InvalidArgumentError(
    close ? `(Did you mean ${close}?)` : `It is one of ${problems.join(', ')}.`,
  )
}
