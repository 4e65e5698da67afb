import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { placeOffice } from '../demo/policy-copy.ts'

const SAMPLE = join(import.meta.dirname, '../config/policy.yaml')

/** The text of the sample policy, in its office hours, and how many rules it has. */
export async function readSample(): Promise<{ readonly text: string; readonly rules: number }> {
  const text = placeOffice(await readFile(SAMPLE, 'utf8'), Date.now(), 'open')
  return { text, rules: parse(text).rules.length }
}

/** A policy with rules for other resources appended, `count` in all, as one for a whole company has them. */
export function padPolicy({ text, rules }: { text: string; rules: number }, count: number): string {
  const more = Array.from({ length: Math.max(count - rules, 0) }, (_, index) => paddingRule(index))
  return `${text.trimEnd()}\n\n${more.join('\n')}`
}

function paddingRule(index: number): string {
  const name = String(index).padStart(5, '0')
  const shape = SHAPES[index % SHAPES.length]?.(`/v1/products-${name}`)
  return `  - { id: padding-${name}, ${shape} }\n`
}

const SHAPES: readonly ((path: string) => string)[] = [
  (path) =>
    `match: { methods: [GET, HEAD], paths: ["${path}", "${path}/*"] }, when: subject.authenticated, effect: allow`,
  (path) =>
    `match: { methods: [PUT], paths: ["${path}/{product}/price"] }, when: variables.manager, effect: allow, require: { level: mfa }`,
  (path) =>
    `match: { methods: [PUT], paths: ["${path}/{product}/price"] }, when: request.body.seats > 500, effect: step_up, require: { level: phishing-resistant, max_age: 5m }`,
  (path) => `match: { paths: ["${path}/internal/**"] }, when: subject.workload, effect: deny`,
]
