import { requirementText } from './explain-parts.ts'
import type { ExplainedRecord } from './explain-record.ts'
import { notFitting } from './explain-text.ts'
import { type Colour, type Paint, printable } from './paint.ts'
import type { Recorded } from './recorded.ts'

type Fact = readonly [string, string | null]

/** A recorded decision for a person: what was asked, by whom, the answer, and every rule beside its text. */
export function recordText(
  { record, found, rules, others }: ExplainedRecord,
  paint: Paint,
): string {
  const { decision_id, ts, seq } = record
  const state = found.intact ? 'as it was written' : paint('red', 'CHANGED since it was written')
  const head = [
    `${paint('bold', `decision ${printable(decision_id)}`)} at ${printable(ts)}`,
    `record ${seq}, ${printable(found.file)}:${found.line}, ${state}`,
  ]
  const asked = [askedLine(record), ...factLines([...callerFacts(record), ...placeFacts(record)])]
  const answer = [answerLine(record, paint), ...factLines(answerFacts(record))]
  const considered = (record.considered ?? []).map((one) => ruleLines(one, record, rules, paint))
  const sections = [head, asked, answer, ...considered]
  if (record.considered?.length === 0)
    sections.push(['no rule fits this request'], notFitting(others, false, paint))
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function askedLine({ method, host, path_template, path }: Recorded): string {
  if (method === null) return 'a request that could not be read'
  return printable(`${method} ${host}${path_template ?? path}`)
}

function callerFacts(record: Recorded): readonly Fact[] {
  const { subject, issuer, client_id, workload, presented } = record
  if (subject === null) return [['caller', issuer === null ? 'nobody' : `of ${issuer}`]]
  const login = presented && [
    presented.level ?? 'no level',
    ...(presented.acr === null ? [] : [`acr ${presented.acr}`]),
    ...(presented.amr === null ? [] : [`amr ${presented.amr.join(' ')}`]),
    ...(presented.auth_time === null ? ['at an unknown time'] : [instant(presented.auth_time)]),
  ]
  return [
    ['caller', `${subject} of ${issuer}${workload ? ', a program' : ''}`],
    ['client', client_id],
    ['login', login?.join(', ') ?? null],
  ]
}

function instant(seconds: number): string {
  const at = new Date(seconds * 1000)
  return Number.isNaN(at.getTime()) ? 'at an odd time' : `at ${at.toISOString()}`
}

function placeFacts({
  client_ip,
  device,
  params,
  request_id,
  trace_id,
}: Recorded): readonly Fact[] {
  return [
    ...Object.entries(params).map(([name, value]): Fact => [name, value]),
    ['from', client_ip],
    ['device', device],
    ['request', request_id],
    ['trace', trace_id],
  ]
}

function answerLine({ outcome, reason, problem, rule }: Recorded, paint: Paint): string {
  const why = [reason, problem].filter((one) => one !== null).join(', ')
  const by = rule === null ? '' : ` by ${rule}`
  return `${paint(COLOURS[outcome] ?? 'red', printable(outcome))}${printable(`${why && `: ${why}`}${by}`)}`
}

function answerFacts(record: Recorded): readonly Fact[] {
  const { required, shortfalls, risk, shadow, indeterminate, policy } = record
  return [
    ['required', required && requirement(required)],
    ['short of', shortfalls.length === 0 ? null : shortfalls.join(', ')],
    ['risk', risk && `${risk.score} (${risk.level ?? 'no level'}): ${risk.signals.join(', ')}`],
    ...(risk?.evidence ?? []).map(
      ({ signal, name, value }): Fact => ['', `${signal}: ${name} = ${shown(value)}`],
    ),
    ...indeterminate.map(({ rule, missing }): Fact => ['undecided', `${rule}: for ${missing}`]),
    ['in shadow', shadow && `${shadow.outcome}${shadow.rule ? ` by ${shadow.rule}` : ''}`],
    ['policy', policy.revision],
  ]
}

function requirement({ max_age, single_use, ...rest }: NonNullable<Recorded['required']>): string {
  return requirementText({ ...rest, rank: 0, maxAge: max_age, singleUse: single_use })
}

function ruleLines(
  { rule, condition, inputs }: NonNullable<Recorded['considered']>[number],
  record: Recorded,
  texts: ExplainedRecord['rules'],
  paint: Paint,
): string[] {
  const part = record.rules.includes(rule)
    ? paint('bold', 'took part')
    : paint('dim', 'took no part')
  const text = texts.get(rule)
  return [
    `${paint('bold', printable(rule))}: condition ${condition}, ${part}`,
    ...Object.entries(inputs).map(([name, value]) => printable(`  ${name} = ${shown(value)}`)),
    ...(text === undefined ? [] : [paint('dim', printable(`  ${text.file}:${text.line}`))]),
    ...(text?.text.split('\n').map((line) => `  | ${printable(line)}`) ?? []),
  ]
}

function shown(value: unknown): string {
  if (value === null) return 'not there'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function factLines(facts: readonly Fact[]): readonly string[] {
  return facts.flatMap(([name, text]) =>
    text === null ? [] : [printable(`  ${name.padEnd(10)} ${text}`)],
  )
}

const COLOURS: Readonly<Record<string, Colour>> = { allow: 'green', step_up: 'yellow' }
