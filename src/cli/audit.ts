import { type Command, InvalidArgumentError, Option } from 'commander'
import type { CliWorld, ExitCode } from './world.ts'

/** A record that must be there: its number and its hash. */
export type ExpectedHead = { readonly seq: number; readonly hash: string }

/** `stepgate audit …`: what there is to do with the record of decisions. */
export function addAudit(program: Command, world: CliWorld, done: (code: ExitCode) => void): void {
  const audit = program.command('audit').description('work with the record of decisions')
  audit
    .command('verify')
    .description('find the first record that was changed, removed, moved or made up')
    .argument(
      '<paths...>',
      'files in any order, packed by gzip or not; of a directory its *.jsonl*',
    )
    .addOption(keyOption())
    .option('--head <seq:hash>', 'a checkpoint kept elsewhere, which the record must reach', head)
    .addOption(
      new Option('--format <format>', 'how to answer').choices(['text', 'json']).default('text'),
    )
    .action(async (paths, options) => {
      const { auditVerify } = await import('./audit-verify.ts')
      done(await auditVerify(paths, options, world))
    })
}

function keyOption(): Option {
  const collect = (file: string, before: readonly string[]) => [...before, file]
  return new Option('--key <file>', 'a public key that signs checkpoints (PEM); may be repeated')
    .default([], 'signatures are not checked')
    .argParser(collect)
}

function head(text: string): ExpectedHead {
  const [, seq, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? []
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash }
  throw new InvalidArgumentError('It is a number, a colon and 64 hexadecimal digits.')
}
