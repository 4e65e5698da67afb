import { type FoundDecision, findDecision } from '../audit/find-decision.ts'
import { type RevisionReading, readRevision } from '../runtime/policy-revisions.ts'
import type { RuleExplanation } from '../scenario/explain.ts'
import { auditFilesAt, auditFilesOf, reasonOf } from './audit-files.ts'
import { recordText } from './explain-record-text.ts'
import { otherRules } from './other-rules.ts'
import { painter } from './paint.ts'
import { type Recorded, readRecorded } from './recorded.ts'
import { type RuleText, ruleTexts } from './rule-text.ts'
import { usableSettings } from './settings.ts'
import { type CliWorld, type ExitCode, UsageError } from './world.ts'

/** Options of `stepgate explain DECISION_ID`. */
export type ExplainRecordOptions = {
  readonly config?: string
  /** Files of an audit record; without any, those of the settings. */
  readonly audit?: readonly string[]
  /** The folder where the service keeps texts of policies; without it, that of the settings. */
  readonly policies?: string
  readonly format: 'text' | 'json'
}

/** A recorded decision, with the texts of the rules that it speaks of. */
export type ExplainedRecord = {
  readonly record: Recorded
  readonly found: Pick<FoundDecision, 'file' | 'line' | 'intact'>
  /** `none`: no policy was asked. */
  readonly policy: RevisionReading['kind'] | 'none'
  readonly rules: ReadonlyMap<string, RuleText>
  /** Where none fitted: all of them. */
  readonly others: readonly RuleExplanation[]
}

/** `stepgate explain DECISION_ID`: what the record says of a decision, beside the policy that made it. */
export async function explainRecord(
  decision: string,
  options: ExplainRecordOptions,
  world: CliWorld,
): Promise<ExitCode> {
  const id = idIn(decision)
  const { files, folder } = placesOf(options, world)
  const found = await find(files, id)
  if (found === null) {
    world.err(`stepgate: none of ${files.join(', ')} has a decision ${id}\n`)
    return 1
  }
  const record = readRecorded(found.text)
  if (record === null) {
    world.err(`stepgate: ${found.file}:${found.line}: the record was changed beyond reading\n`)
    return 1
  }
  const { text: _, ...place } = found
  const explained = { record, found: place, ...(await policyOf(record, folder)) }
  world.out(
    options.format === 'json' ? recordJson(explained) : recordText(explained, painter(world)),
  )
  return complain(explained, folder, world)
}

/** As the client has it: `instance` of a problem body is `urn:uuid:` and the id. */
function idIn(given: string): string {
  const id = given.replace(/^urn:uuid:/i, '').toLowerCase()
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id
  throw new UsageError(
    `too many arguments, or half of one: ${given} is no decision id, which is a whole UUID`,
  )
}

function placesOf(
  { config, audit = [], policies }: ExplainRecordOptions,
  world: CliWorld,
): { readonly files: readonly string[]; readonly folder: string } {
  if (audit.length > 0 && policies !== undefined)
    return { files: audit.flatMap(auditFilesAt), folder: policies }
  const read = usableSettings(config, world)
  const settings = read.kind === 'settings' ? read.settings.audit : undefined
  const folder = policies ?? settings?.policies.folder ?? 'var/policies'
  if (audit.length > 0) return { files: audit.flatMap(auditFilesAt), folder }
  if (settings === undefined || settings.to === 'stdout')
    throw new UsageError('name the audit record by --audit FILE: the settings name no file')
  return { files: auditFilesOf(settings.to), folder }
}

async function find(files: readonly string[], id: string): Promise<FoundDecision | null> {
  try {
    return await findDecision(files, id)
  } catch (error) {
    throw new UsageError(`cannot read the record: ${reasonOf(error)}`)
  }
}

async function policyOf(
  record: Recorded,
  folder: string,
): Promise<Pick<ExplainedRecord, 'policy' | 'rules' | 'others'>> {
  const { revision } = record.policy
  if (revision === null) return { policy: 'none', rules: new Map(), others: [] }
  const read = await readRevision(folder, revision)
  const sources = read.kind === 'sources' ? read.sources : []
  return { policy: read.kind, rules: ruleTexts(sources), others: otherRules(record, sources) }
}

/** For a program: the record as it is, and each rule with its text. */
function recordJson({ record, found, policy, rules, others }: ExplainedRecord): string {
  const told = (record.considered ?? []).map((one) => ({
    ...one,
    took_part: record.rules.includes(one.rule),
    text: rules.get(one.rule) ?? null,
  }))
  const misfits = others.map((one) => ({ rule: one.id, misfits: one.misfits }))
  return `${JSON.stringify({ ...found, policy, rules: told, misfits, record }, null, 2)}\n`
}

/** What keeps the explanation from being whole is said, whatever the format. */
function complain(
  { record, found, policy }: ExplainedRecord,
  folder: string,
  { err }: CliWorld,
): ExitCode {
  const revision = `the policy ${record.policy.revision}`
  const problems = [
    ...(found.intact ? [] : [`${found.file}:${found.line} is not as it was written`]),
    ...(policy === 'missing' ? [`${revision} is not in ${folder}: its text cannot be shown`] : []),
    ...(policy === 'changed'
      ? [`${revision} in ${folder} is not as it was kept: its text is not shown`]
      : []),
  ]
  for (const problem of problems) err(`stepgate: ${problem}\n`)
  return problems.length === 0 ? 0 : 1
}
