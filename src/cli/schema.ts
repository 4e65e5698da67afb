import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import { policySchema } from '../policy/text/schema.ts'
import { readBytes } from './read-source.ts'
import { type CliWorld, type ExitCode, UsageError } from './world.ts'

/** Options of `stepgate schema`. */
export type SchemaOptions = {
  readonly write?: boolean
  readonly check?: boolean
  readonly file: string
  readonly format: 'text' | 'json'
}

/** `stepgate schema`: prints the JSON Schema of a policy file, writes it, or says whether a file still has it. */
export function schema(options: SchemaOptions, world: CliWorld): ExitCode {
  const text = policyJsonSchema()
  if (options.check) return checkFile(options, text, world)
  if (!options.write) {
    world.out(text)
    return 0
  }
  writeFile(options.file, text)
  world.out(report(options, { file: options.file, written: true }, `${options.file} written\n`))
  return 0
}

/** What editors check a policy by: draft 7, as the YAML language server reads it; generated from the loader's schema. */
export function policyJsonSchema(): string {
  const { $schema, ...rest } = z.toJSONSchema(policySchema, { target: 'draft-7', io: 'input' })
  const head = { $schema, title: 'Stepgate policy', description: 'A policy file, version 1' }
  return `${JSON.stringify({ ...head, ...rest }, null, 2)}\n`
}

function checkFile(options: SchemaOptions, text: string, world: CliWorld): ExitCode {
  const { file } = options
  const current = readBytes(file).toString() === text
  const said = current
    ? `${file} is up to date\n`
    : `${file} is stale: write it anew by \`stepgate schema --write\`\n`
  world.out(report(options, { file, current }, said))
  return current ? 0 : 1
}

function report({ format }: SchemaOptions, data: object, text: string): string {
  return format === 'json' ? `${JSON.stringify(data, null, 2)}\n` : text
}

function writeFile(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${error instanceof Error ? error.message : error}`)
  }
}
