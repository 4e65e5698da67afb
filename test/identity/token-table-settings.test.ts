import { ADA, claiming, tokenTable } from './token-table.ts'
import { CLAIMS, ISSUER, NOW, token } from './tokens.ts'

const typed = (...types: string[]) => ({ issuer: { types } })
const paths = (claims: Partial<typeof ISSUER.claims>) => ({
  issuer: { claims: { ...ISSUER.claims, ...claims } },
})

tokenTable('types of an issuer', [
  ['at+jwt where only that is', token(), ADA, typed('at+jwt')],
  ['with its prefix', token(CLAIMS, { typ: 'application/AT+JWT' }), ADA, typed('at+jwt')],
  ['JWT where only at+jwt is', token(CLAIMS, { typ: 'JWT' }), 'wrong-type', typed('at+jwt')],
  ['none where only at+jwt is', token(CLAIMS, { typ: undefined }), 'wrong-type', typed('at+jwt')],
  ['empty where JWT is', token(CLAIMS, { typ: '' }), 'wrong-type', typed('jwt')],
  ['at+jwt where only JWT is', token(), 'wrong-type', typed('jwt')],
  ['JWT where only that is', token(CLAIMS, { typ: 'JWT' }), ADA, typed('jwt')],
  ['none where JWT is', token(CLAIMS, { typ: undefined }), ADA, typed('jwt')],
  ['one of its own', token(CLAIMS, { typ: 'acme+jwt' }), ADA, typed('at+jwt', 'acme+jwt')],
  [
    'an ID token where even that type is allowed',
    token({ ...CLAIMS, at_hash: 'x' }, { typ: 'JWT' }),
    'wrong-type',
    typed('jwt'),
  ],
])

const ACR = 'https://ns.example/acr'

tokenTable('claims kept elsewhere', [
  ['acr', claiming({ [ACR]: 'gold', acr: '1' }), { acr: 'gold' }, paths({ acr: ACR })],
  ['acr, not there', claiming({ acr: 'gold' }), { acr: undefined }, paths({ acr: ACR })],
  [
    'acr, a list',
    claiming({ acrs: ['c1', 'c2'] }),
    { acr: undefined, acrs: ['c1', 'c2'] },
    paths({ acr: 'acrs' }),
  ],
  [
    'acr, a list with a number',
    claiming({ acrs: ['c1', 2] }),
    { acrs: undefined },
    paths({ acr: 'acrs' }),
  ],
  ['acr, zero there', claiming({ [ACR]: '0' }), { acr: '0' }, paths({ acr: ACR })],
  [
    'amr, nested',
    claiming({ login: { by: ['otp'] } }),
    { amr: ['otp'] },
    paths({ amr: 'login.by' }),
  ],
  [
    'amr, nested text',
    claiming({ login: { by: 'otp' } }),
    { amr: undefined },
    paths({ amr: 'login.by' }),
  ],
  [
    'auth_time, nested',
    claiming({ login: { at: NOW - 9 }, auth_time: NOW }),
    { authTime: NOW - 9 },
    paths({ auth_time: 'login.at' }),
  ],
  [
    'auth_time, nested milliseconds',
    claiming({ login: { at: NOW * 1000 } }),
    { authTime: undefined },
    paths({ auth_time: 'login.at' }),
  ],
  [
    'a client for itself with a login there',
    claiming({ sub: 'job', azp: 'job', login: { at: NOW } }),
    { workload: false },
    paths({ auth_time: 'login.at' }),
  ],
  [
    'a client for itself with the usual claim',
    claiming({ sub: 'job', azp: 'job', auth_time: NOW }),
    { workload: false },
    paths({ auth_time: 'login.at' }),
  ],
  ['client', claiming({ app: { id: 'web' } }), { clientId: 'web' }, paths({ client: ['app.id'] })],
  [
    'client, not there',
    claiming({ azp: 'web' }),
    { clientId: undefined },
    paths({ client: ['app.id'] }),
  ],
  [
    'client, the first that is there',
    claiming({ azp: 'web', cid: 'x' }),
    { clientId: 'web' },
    paths({ client: ['app.id', 'azp', 'cid'] }),
  ],
  [
    'a workload by a client kept elsewhere',
    claiming({ app: { id: 'ci-robot' } }),
    { workload: true },
    paths({ client: ['app.id'] }),
  ],
  ['session', claiming({ login: { id: 's' } }), { sessionId: 's' }, paths({ session: 'login.id' })],
  ['scope', claiming({ perms: ['a'], scope: 'b' }), { scopes: ['a'] }, paths({ scopes: 'perms' })],
  ['scope, not there', claiming({ scp: ['b'] }), { scopes: undefined }, paths({ scopes: 'perms' })],
])
