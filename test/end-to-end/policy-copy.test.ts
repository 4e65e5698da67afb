import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { placeOffice } from '../../demo/policy-copy.ts'

/** Half past nine in the evening in Berlin, on Christmas Day. */
const NIGHT = Date.parse('2026-12-25T21:30:00+01:00')

const FLOW = `# the office
schedules:
  office: { timezone: Europe/Berlin, days: mon-fri, hours: "08:00-18:00", except: [2026-12-25] } # open
rules: []
`

const BLOCK = `schedules:
  office:
    timezone: Asia/Tokyo
    days: # which
      - mon-wed
      - fri
    hours: ["08:00-12:00", "13:00-17:00"] # when
    except:
      - 2026-12-25
rules: []
`

describe('the copy of the policy', () => {
  test('is open around now, today too', () => {
    assert.equal(
      placeOffice(FLOW, NIGHT, 'open'),
      FLOW.replace('mon-fri', 'mon-sun')
        .replace('08:00-18:00', '19:00-05:00')
        .replace('[2026-12-25]', '[2999-12-31]'),
    )
  })

  test('is closed around now when it should be', () => {
    assert.match(placeOffice(FLOW, NIGHT, 'closed'), /hours: "01:00-03:00"/)
  })

  test('keeps lines and comments in place, also where a value had several lines', () => {
    const copy = placeOffice(BLOCK, NIGHT, 'open')
    assert.match(copy, /days: # which\n {6}mon-sun\n/)
    assert.match(copy, /hours: "03:00-13:00" # when\n/)
    assert.equal(copy.split('\n').indexOf('rules: []'), BLOCK.split('\n').indexOf('rules: []'))
  })

  for (const [name, text] of [
    ['broken YAML', 'schedules: { office: {'],
    ['no such schedule', 'rules: []\n'],
    ['no such time zone', FLOW.replace('Europe/Berlin', 'Europe/Atlantis')],
    ['a list in place of the schedule', 'schedules: { office: [1] }\n'],
  ] as const) {
    test(`is left alone: ${name}`, () => assert.equal(placeOffice(text, NIGHT, 'open'), text))
  }
})
