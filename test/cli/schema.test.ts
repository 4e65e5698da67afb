import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { folder, stepgate } from './support.ts'

const root = folder({ 'stale.json': '{}\n' })

describe('stepgate schema', () => {
  it('finds config/policy.schema.json up to date (else: npm run schema)', async () => {
    assert.deepEqual(await stepgate('schema', '--check'), {
      code: 0,
      out: 'config/policy.schema.json is up to date\n',
      err: '',
    })
  })

  it('ends with 1 for a stale file, and writes it anew', async () => {
    const file = join(root, 'stale.json')
    assert.equal((await stepgate('schema', '--check', '--file', file)).code, 1)
    assert.equal((await stepgate('schema', '--write', '--file', file)).code, 0)
    assert.equal((await stepgate('schema', '--check', '--file', file)).code, 0)
  })

  it('ends with 2 for a file that cannot be read or written', async () => {
    const file = join(root, 'nowhere/schema.json')
    assert.equal((await stepgate('schema', '--check', '--file', file)).code, 2)
    assert.equal((await stepgate('schema', '--write', '--file', file)).code, 2)
  })

  it('is a schema that editors read: each key described, no other key allowed', async () => {
    const schema = JSON.parse((await stepgate('schema')).out)
    assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#')
    assert.equal(schema.title, 'Stepgate policy')
    assert.equal(schema.additionalProperties, false)
    const rule = schema.properties.rules.items
    const undescribed = [schema, rule, rule.properties.match, rule.properties.require].flatMap(
      ({ properties }) => Object.keys(properties).filter((key) => !properties[key].description),
    )
    assert.deepEqual(undescribed, [])
  })

  it('knows every section of the sample policy, whose first line names it', async () => {
    const schema = JSON.parse((await stepgate('schema')).out)
    const text = readFileSync('config/policy.yaml', 'utf8')
    assert.match(text, /^# yaml-language-server: \$schema=\.\/policy\.schema\.json\n/)
    for (const key of Object.keys(parse(text))) assert.ok(key in schema.properties, key)
  })
})
