/** One operation: what is sent, and what must be in the answer. */
export type Case = readonly [
  name: string,
  method: string,
  path: string,
  body: unknown,
  status: number,
  answer: Record<string, unknown>,
]

/** Every operation of the licensing API, well and badly; they run in this order on one store. */
export const CASES: readonly Case[] = [
  ['is alive', 'GET', '/healthz', undefined, 200, { status: 'ok' }],
  [
    'reads a licence',
    'GET',
    '/v1/licenses/L-2',
    undefined,
    200,
    {
      license: { id: 'L-2', tier: 'business', seats: 400, status: 'active' },
    },
  ],
  [
    'provisions',
    'POST',
    '/v1/licenses',
    { tier: 'team', seats: 5, pool: 'P-2' },
    201,
    {
      license: { id: 'L-5', status: 'provisioned' },
    },
  ],
  [
    'provisions no more than the pool has',
    'POST',
    '/v1/licenses',
    { tier: 'team', seats: 500, pool: 'P-2' },
    409,
    {
      detail: 'pool P-2 has 195 seats left',
    },
  ],
  [
    'activates',
    'POST',
    '/v1/licenses/L-3:activate',
    undefined,
    200,
    { license: { status: 'active' } },
  ],
  [
    'activates several',
    'POST',
    '/v1/licenses:batchActivate',
    { licenses: ['L-3', 'L-4'] },
    200,
    {
      licenses: [
        { id: 'L-3', status: 'active' },
        { id: 'L-4', status: 'active' },
      ],
    },
  ],
  [
    'activates all or none',
    'POST',
    '/v1/licenses:batchActivate',
    { licenses: ['L-5', 'L-99'] },
    404,
    {},
  ],
  ['… none', 'GET', '/v1/licenses/L-5', undefined, 200, { license: { status: 'provisioned' } }],
  [
    'renews by a year',
    'POST',
    '/v1/licenses/L-1/renew',
    undefined,
    200,
    { license: { expires: '2028-12-31' } },
  ],
  [
    'changes a tier',
    'PUT',
    '/v1/licenses/L-1/tier',
    { tier: 'enterprise' },
    200,
    {
      license: { tier: 'enterprise', seats: 50 },
    },
  ],
  [
    'changes a tier with seats',
    'PUT',
    '/v1/licenses/L-1/tier',
    { tier: 'business', seats: 60 },
    200,
    {
      license: { tier: 'business', seats: 60 },
    },
  ],
  ['refuses an unknown tier', 'PUT', '/v1/licenses/L-1/tier', { tier: 'golden' }, 400, {}],
  ['refuses an unknown field', 'PUT', '/v1/licenses/L-1/tier', { tier: 'team', gift: 1 }, 400, {}],
  [
    'resizes a pool',
    'PUT',
    '/v1/pools/P-2/size',
    { size: 300 },
    200,
    { pool: { id: 'P-2', size: 300 } },
  ],
  ['shrinks no pool below its use', 'PUT', '/v1/pools/P-2/size', { size: 1 }, 409, {}],
  [
    'changes a role',
    'PUT',
    '/v1/users/bob/role',
    { role: 'license-manager' },
    200,
    {
      user: { id: 'bob', role: 'license-manager' },
    },
  ],
  ['revokes', 'DELETE', '/v1/licenses/L-2', undefined, 200, { license: { status: 'revoked' } }],
  ['changes nothing revoked', 'POST', '/v1/licenses/L-2/renew', undefined, 409, {}],
  ['knows no such licence', 'GET', '/v1/licenses/L-99', undefined, 404, {}],
  ['knows no such path', 'GET', '/v2', undefined, 404, { detail: 'there is nothing at /v2' }],
  ['has no custom verb in an id', 'GET', '/v1/licenses/L-1:other', undefined, 404, {}],
]
