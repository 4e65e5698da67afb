import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { addAudit } from './audit.ts'
import { addExplainOptions } from './explain-options.ts'
import { type CliWorld, type ExitCode, UsageError } from './world.ts'

/** Where a command leaves its result; null: it goes on as a service. */
export type Done = (code: ExitCode | null) => void

const CODES = `
Exit codes: 0 fine, 1 the thing checked is wrong, 2 usage or environment.
Without paths, the policy is the one of the settings: --config, STEPGATE_CONFIG, or config/stepgate.yaml.`

/** The commands and their options. What a command does is imported when it is run, so that each starts fast. */
export function createProgram(world: CliWorld, done: Done): Command {
  const program = new Command('stepgate')
    .description(
      'Answers Envoy with OK, no, or step up; and checks, tests and explains its policy.',
    )
    .version(readVersion(), '-V, --version')
    .addHelpText('after', CODES)
    .exitOverride()
    .configureOutput({ writeOut: world.out, writeErr: world.err })
  addServe(program, world, done)
  addCheck(program, world, done)
  addTest(program, world, done)
  addExplain(program, world, done)
  addSchema(program, world, done)
  addAudit(program, world, done)
  return program
}

function addServe(program: Command, world: CliWorld, done: Done): void {
  program
    .command('serve')
    .description('run the service until a signal ends it')
    .addOption(configOption())
    .action(async ({ config }: { config?: string }) => {
      if (config !== undefined) world.env.STEPGATE_CONFIG = config
      done(null)
      await import('../main.ts')
    })
}

function addCheck(program: Command, world: CliWorld, done: Done): void {
  program
    .command('check')
    .description('find every mistake in a policy: files or a directory, together one policy')
    .argument('[paths...]')
    .addOption(configOption())
    .addOption(formatOption('text', 'json'))
    .action(async (paths, options) => {
      const { check } = await import('./check.ts')
      done(await check(paths, options, world))
    })
}

function addTest(program: Command, world: CliWorld, done: Done): void {
  program
    .command('test')
    .description('run the tests beside a policy: X.test.yaml for X.yaml, all of a directory')
    .argument('[paths...]')
    .addOption(configOption())
    .option(
      '--policy <path>',
      'the policy that the tests are of, where they do not stand beside it',
    )
    .option('--filter <text>', 'only tests with this in their name; no coverage then')
    .option('--coverage <percent>', 'fail below this much of all there is to see', percent)
    .addOption(formatOption('text', 'json', 'junit'))
    .action(async (paths, options) => {
      const { test } = await import('./test.ts')
      done(await test(paths, options, world))
    })
}

function addExplain(program: Command, world: CliWorld, done: Done): void {
  const command = program
    .command('explain')
    .description('say why, rule by rule: of a recorded decision by its id, or of a made-up request')
    .argument('[decision]', 'the id of a decision, as the client was told it')
    .addOption(configOption())
    .addOption(formatOption('text', 'json'))
  addExplainOptions(command).action(async (decision, options) => {
    if (decision !== undefined) {
      refuseMadeUp(command, options)
      const { explainRecord } = await import('./explain-record.ts')
      return done(await explainRecord(decision, options, world))
    }
    const { explain } = await import('./explain.ts')
    done(await explain(options, world))
  })
}

/** A recorded decision is explained as it was made: what is made up would be passed over in silence. */
function refuseMadeUp({ options }: Command, given: object): void {
  const [name] = Object.keys(given).filter((key) => !OF_RECORDS.includes(key))
  if (name === undefined) return
  const option = options.find((one) => one.attributeName() === name)?.long ?? name
  throw new UsageError(`${option} is for a made-up request: leave it out, or the decision id`)
}

const OF_RECORDS = ['config', 'format', 'audit', 'policies']

function addSchema(program: Command, world: CliWorld, done: Done): void {
  program
    .command('schema')
    .description('print the JSON Schema of a policy file, for editors')
    .option('--write', 'write it to the file instead')
    .addOption(new Option('--check', 'end with 1 when the file is stale').conflicts('write'))
    .option('--file <file>', 'where it stands', 'config/policy.schema.json')
    .addOption(formatOption('text', 'json'))
    .action(async (options) => {
      const { schema } = await import('./schema.ts')
      done(schema(options, world))
    })
}

function configOption(): Option {
  return new Option('--config <file>', 'the settings of the service')
}

function formatOption(...formats: readonly string[]): Option {
  return new Option('--format <format>', 'how to answer').choices(formats).default('text')
}

function percent(text: string): number {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  if (value <= 100) return value
  throw new InvalidArgumentError('It is a whole number from 0 to 100.')
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  return (manifest as { version: string }).version
}
