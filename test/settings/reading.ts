import assert from 'node:assert/strict'
import { formatIssues } from '../../src/domain/issue.ts'
import { readSettings, type Settings } from '../../src/settings/read-settings.ts'

/** The least that works. */
export const IDP = 'issuers: { idp: { issuer: "https://idp.example.com", audiences: [api] } }'

type Env = Record<string, string>

function read(text: string | Uint8Array, env: Env = {}) {
  return readSettings(env, () => (typeof text === 'string' ? Buffer.from(text) : text))
}

export function settingsOf(text: string, env: Env = {}): Settings {
  const result = read(text, env)
  assert.equal(result.kind, 'settings', result.kind === 'issues' ? formatIssues(result.issues) : '')
  return result.kind === 'settings' ? result.settings : assert.fail()
}

export function mistakesOf(text: string | Uint8Array, env: Env = {}): string {
  const result = read(text, env)
  return result.kind === 'issues' ? formatIssues(result.issues) : assert.fail('no mistake found')
}

/** The code of every issue, in the order of their places. */
export function codesOf(text: string | Uint8Array, env: Env = {}): string[] {
  return [...mistakesOf(text, env).matchAll(/: error\[(.*?)\]/g)].map(([, code]) => code ?? '')
}

/** One issuer that differs from a good one in a single key. */
export function idpWith(yaml: string): string {
  const given = new Set(yaml.split(':', 1))
  const base = { issuer: 'https://idp.example.com', audiences: '[api]' }
  const rest = Object.entries(base).filter(([key]) => !given.has(key))
  const lines = [...rest.map(([key, value]) => `${key}: ${value}`), yaml]
  return `issuers:\n  idp:\n${lines.map((line) => `    ${line}`).join('\n')}\n`
}
