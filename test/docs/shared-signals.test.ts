import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { settingsSchema } from '../../src/settings/schema.ts'
import { leavesOf } from '../../src/settings/schema-walk.ts'
import { typeOf } from '../../src/shared-signals/read-event.ts'
import { codeIn, tableRows } from './markdown.ts'

const FILE = 'docs/shared-signals.md'
const PREFIX = 'https://schemas.openid.net/secevent/'

/** The codes in the first column of a table. */
const first = (heading: string) => tableRows(FILE, heading).flatMap(([cell]) => codeIn(cell))

/** The settings below a place, as far as they are the page's own. */
function settingsBelow(place: string): readonly string[] {
  const leaves = leavesOf(settingsSchema, { 'shared_signals.streams': ['NAME'] })
  const paths = leaves.map(({ path }) => path.join('.')).filter((path) => path.startsWith(place))
  return paths.map((path) => path.slice(place.length).replace(/^keys\..*/, 'keys'))
}

describe(FILE, () => {
  it('has every setting, and no other', () => {
    const all = new Set(settingsBelow('shared_signals.'))
    const own = [...all].filter((path) => !path.startsWith('streams.'))
    assert.deepEqual(first('setting').toSorted(), own.toSorted())
    const ofStream = new Set(settingsBelow('shared_signals.streams.NAME.'))
    assert.deepEqual(first('setting of a stream').toSorted(), [...ofStream].toSorted())
  })

  it('has every event, in its profile, and no other', () => {
    const rows = tableRows(FILE, 'event')
    const named = rows.flatMap(([events, profiles = '']) =>
      codeIn(events).flatMap((event) =>
        profiles.split(', ').map((profile) => [event, profile.toLowerCase()] as const),
      ),
    )
    for (const [event, profile] of named)
      assert.equal(typeOf(`${PREFIX}${profile}/event-type/${event}`), event)
    assert.equal(named.length, 10)
  })

  it('has every result of a SET', () => {
    const results = 'applied failed ignored rejected replayed superseded unknown-subject'
    assert.deepEqual(first('result').toSorted(), results.split(' '))
  })
})
