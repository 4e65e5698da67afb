import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decide } from '../../src/decision/decide.ts'
import type { FactKind, Facts, Unlearnt } from '../../src/domain/facts.ts'
import { ROOT_FIELDS } from '../../src/policy/expression/environment.ts'
import { FIELDS } from '../../src/policy/expression/request-roots.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { buildScenario } from '../../src/scenario/scenario.ts'

const NEW_DEVICE = { device: { id: 'd' }, deviceKnown: false } as const
const FAST = { distanceKm: 9000, speedKmh: 2000, countryChanged: true }

/** Rules and signals beside one that allows everything, a request with facts, and what is learnt of it. */
const CASES: readonly (readonly [
  name: string,
  parts: string,
  asked: {
    readonly path?: string
    readonly facts: Facts
    readonly unlearnt: readonly [FactKind, Unlearnt][]
  },
  learnt: readonly FactKind[],
])[] = [
  [
    'a device that nothing objects to',
    'signals: [{ id: elsewhere, when: source.ip == "192.0.2.1", score: 1 }]',
    { facts: NEW_DEVICE, unlearnt: [['device', 'login-older']] },
    ['device'],
  ],
  [
    'no device while a signal objects to it, even one that nobody asked',
    'signals: [{ id: unknown, when: "!device.known", score: 30 }]',
    { facts: NEW_DEVICE, unlearnt: [['device', 'login-older']] },
    [],
  ],
  [
    'a device that a signal objects to, after a fresh login',
    'signals: [{ id: unknown, when: "!device.known", score: 30 }]',
    { facts: NEW_DEVICE, unlearnt: [['device', 'login-newer']] },
    ['device'],
  ],
  [
    'no device while a signal for other requests objects to it',
    'signals: [{ id: unknown, match: { methods: [DELETE] }, when: "!device.known", score: 30 }]',
    { facts: NEW_DEVICE, unlearnt: [['device', 'login-older']] },
    [],
  ],
  [
    'no device while a signal about it cannot be decided',
    'signals: [{ id: unknown, when: "!device.known && request.size > 1", score: 30 }]',
    { facts: NEW_DEVICE, unlearnt: [['device', 'login-older']] },
    [],
  ],
  [
    'a device that a signal looks at and does not mind',
    'signals: [{ id: unknown, when: "!device.known && source.ip == \\"192.0.2.1\\"", score: 30 }]',
    { facts: NEW_DEVICE, unlearnt: [['device', 'login-older']] },
    ['device'],
  ],
  [
    'what a signal in shadow objects to',
    'signals: [{ id: unknown, mode: shadow, when: "!device.known", score: 30 }]',
    { facts: NEW_DEVICE, unlearnt: [['device', 'login-older']] },
    ['device'],
  ],
  [
    'no device while a rule for other requests objects to it',
    'rules: [{ id: other, match: { paths: ["/other"] }, when: "!device.known", effect: deny }]',
    { facts: NEW_DEVICE, unlearnt: [['device', 'login-older']] },
    [],
  ],
  [
    'no device while a rule looks at it together with what its path captures',
    'rules: [{ id: other, match: { paths: ["/o/{x}"] }, when: "!device.known && request.params.x == \\"1\\"", effect: deny }]',
    { facts: NEW_DEVICE, unlearnt: [['device', 'login-older']] },
    [],
  ],
  ...[
    'request.body.seats > 500',
    'request.method == "DELETE"',
    '!("office" in request.schedules)',
    'rate("changes") > 3',
    'variables.big',
  ].map((condition): (typeof CASES)[number] => [
    `no device that would be objected to if ${condition}, which this caller could bring about`,
    `inputs: { body: { seats: number } }
schedules: { office: { timezone: Europe/Berlin, days: mon-fri, hours: "08:00-18:00" } }
counters: { changes: { per: subject.id, window: 10m } }
variables: { big: request.body.seats > 500 }
rules: [{ id: other, when: '!device.known && ${condition}', effect: deny }]`,
    {
      facts: { ...NEW_DEVICE, counters: new Map([['changes', 1]]) },
      unlearnt: [['device', 'login-older']],
    },
    [],
  ]),
  [
    'no device that is objected to at a high risk, of which this request has none',
    `risk: { levels: { high: 60 } }
signals: [{ id: elsewhere, when: source.ip == "192.0.2.1", score: 60 }]
rules: [{ id: other, when: '!device.known && risk.at_least("high")', effect: deny }]`,
    { facts: NEW_DEVICE, unlearnt: [['device', 'login-older']] },
    [],
  ],
  [
    'a place that nothing is wrong with, whatever is asked for',
    'rules: [{ id: other, when: "travel.speed_kmh > 900.0 && request.method == \\"DELETE\\"", effect: deny }]',
    {
      facts: { travel: { distanceKm: 0, speedKmh: 0, countryChanged: false } },
      unlearnt: [['place', 'login-older']],
    },
    ['place'],
  ],
  [
    'no device that would let somebody in',
    'rules: [{ id: other, match: { paths: ["/other"] }, when: device.known, effect: allow }]',
    { facts: NEW_DEVICE, unlearnt: [['device', 'login-older']] },
    [],
  ],
  [
    'nothing of a request that was refused',
    'rules: [{ id: no, match: { paths: ["/no"] }, effect: deny }]',
    { path: '/no', facts: NEW_DEVICE, unlearnt: [['device', 'login-newer']] },
    [],
  ],
  [
    'each kind for itself, through variables too',
    'variables: { far: travel.speed_kmh > 900.0 }\nsignals: [{ id: far, when: variables.far, score: 30 }]',
    {
      facts: { ...NEW_DEVICE, travel: FAST },
      unlearnt: [
        ['device', 'login-older'],
        ['place', 'login-older'],
        ['roles', 'login-older'],
      ],
    },
    ['device', 'roles'],
  ],
]

describe('what is learnt of a request', () => {
  it('depends on nothing of the request, whatever expressions can read of it', () => {
    assert.deepEqual(FIELDS.toSorted(), Object.keys(ROOT_FIELDS.request).toSorted())
  })

  for (const [name, parts, asked, learnt] of CASES) {
    it(name, () => assert.deepEqual(learntOf(parts, asked), learnt))
  }
})

function learntOf(
  parts: string,
  { path = '/', facts, unlearnt }: (typeof CASES)[number][2],
): readonly FactKind[] {
  const { policy, issues } = loadPolicy(
    [
      {
        file: 'base.yaml',
        text: 'version: 1\nrules: [{ id: allow, when: subject.authenticated, effect: allow }]',
      },
      { file: 'parts.yaml', text: `version: 1\n${parts}\n` },
    ],
    { issuers: ['idp'], revision: 'r' },
  )
  assert.ok(policy, JSON.stringify(issues))
  const situation = { request: { path }, source: { ip: '10.0.0.1' }, subject: { id: 'ada' } }
  const scenario = buildScenario(situation, policy.ladder)
  assert.ok(scenario.kind === 'scenario')
  const known = { ...facts, unlearnt: new Map(unlearnt) }
  const proposal = decide(policy, { ...scenario, facts: known })
  assert.ok(proposal.settlement === null)
  return proposal.aftermath(proposal.decision).learn
}
