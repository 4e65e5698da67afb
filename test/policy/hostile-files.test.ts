import { suite } from 'node:test'
import { BIG, type Hostile, holdHostile, repeated, SMALL, V } from './support.ts'

const rules = (n: number, rule: (index: number) => string) => `${V}rules:\n${repeated(n, rule)}`
const exploding = `${V}networks:\n  a0: &a0 [10.0.0.1]\n${repeated(12, (i) => `  a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`)}]\n`)}`
const nested = `${V}networks:\n  a0: &a0 [x]\n${repeated(1e4, (i) => `  a${i + 1}: &a${i + 1} [*a${i}]\n`)}`

const FILES: readonly Hostile[] = [
  ['brackets, 10,000 deep', `${V}rules: ${'['.repeat(1e4)}${']'.repeat(1e4)}`, 'too-deep', SMALL],
  ['brackets that never close', `${V}rules: ${'['.repeat(1e5)}`, 'too-deep', SMALL],
  ['braces, 10,000 deep', `${V}rules: ${'{a: '.repeat(1e4)}${'}'.repeat(1e4)}`, 'too-deep', SMALL],
  ['lists of lists, 10,000 deep', `${V}rules:\n  ${'- '.repeat(1e4)}x`, 'too-deep', SMALL],
  ['mappings, 2,000 deep', repeated(2000, (i) => `${' '.repeat(i)}a:\n`), 'too-deep', SMALL],
  ['over 16 Mi', `${V}${'#'.repeat(2 ** 24 - V.length + 1)}`, 'file-too-large', SMALL],
  ['16 Mi of comment', `${V}${'#'.repeat(2 ** 24 - V.length)}`, null, BIG],
  ['16 Mi in one scalar', `${V}rules: ${'x'.repeat(2 ** 24 - 20)}`, 'wrong-type', BIG],
  ['aliases that explode', exploding, 'file-too-large', SMALL],
  ['aliases that nest 10,000 deep', nested, 'too-deep', SMALL],
  ['an alias within itself', `${V}networks: &a { x: *a }`, 'unknown-alias', SMALL],
  [
    '30,000 aliases',
    `${V}networks:\n  a: &a [10.0.0.1]\n${repeated(3e4, (i) => `  b${i}: *a\n`)}`,
    null,
    BIG,
  ],
  ['30,000 repeated keys', `${V}${'rules: []\n'.repeat(3e4)}`, 'duplicate-key', BIG],
  ['30,000 unknown keys', `${V}${repeated(3e4, (i) => `k${i}: 1\n`)}`, 'unknown-key', BIG],
  [
    '100,000 broken rules in one line',
    `${V}rules: [${repeated(1e5, (i) => `{id: r${i}, efect: deny},`)}]`,
    'unknown-key',
    BIG * 2,
  ],
  [
    '20,000 broken conditions',
    rules(2e4, (i) => `- {id: r${i}, effect: deny, when: x}\n`),
    'unknown-name',
    BIG,
  ],
  [
    '100,000 broken methods',
    rules(1, () => `- {id: a, effect: deny, match: {methods: [${'get,'.repeat(1e5)}]}}`),
    'bad-method',
    BIG,
  ],
  [
    '2,000 rules in place of none',
    rules(
      2000,
      (i) =>
        `- {id: abc${i}, effect: deny, mode: shadow, when: subject.workload, replaces: xyz${i}}\n`,
    ),
    'unknown-rule',
    BIG,
  ],
  [
    '50 rules with 500 paths each',
    rules(
      50,
      (r) =>
        `- {id: r${r}, effect: allow, when: subject.workload, match: {paths: [${repeated(500, (i) => `/a${i},`)}]}}\n`,
    ),
    null,
    BIG,
  ],
  [
    'a template of 1,000 segments',
    rules(1, () => `- {id: a, effect: deny, match: {paths: ["${'/*'.repeat(1000)}"]}}`),
    null,
    SMALL,
  ],
  [
    'a template that captures 1,000 names',
    rules(
      1,
      () => `- {id: a, effect: deny, match: {paths: ["${repeated(1000, (i) => `/{n${i}}`)}"]}}`,
    ),
    null,
    SMALL,
  ],
  [
    'an id of 10,000 characters',
    rules(1, () => `- {id: ${'a'.repeat(1e4)}, effect: deny}`),
    'bad-value',
    SMALL,
  ],
  ['a key of a million characters', `${V}? ${'k'.repeat(1e6)}\n: 1`, 'unknown-key', SMALL],
  [
    'a schedule of 100,000 days',
    `${V}schedules: { s: { timezone: UTC, days: "${'mon,'.repeat(1e5)}mon", hours: "08:00-18:00" } }`,
    null,
    SMALL,
  ],
]

suite('a hostile file gives an error or a policy, soon', () => holdHostile(FILES))
