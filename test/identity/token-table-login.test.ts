import { claiming, claimingText, tokenTable } from './token-table.ts'
import { NOW } from './tokens.ts'

/** What is no usable value proves nothing, but the token is good for what needs no proof. */
tokenTable('auth_time', [
  ['seconds', claiming({ auth_time: NOW - 60 }), { authTime: NOW - 60 }],
  ['now', claiming({ auth_time: NOW }), { authTime: NOW }],
  ['the first second', claiming({ auth_time: 1 }), { authTime: 1 }],
  ['a fraction counts as older', claiming({ auth_time: NOW - 0.5 }), { authTime: NOW - 1 }],
  // How far ahead is too far is for the requirement to say, by the issuer's tolerance.
  [
    'ahead within the tolerance, as it is',
    claiming({ auth_time: NOW + 10 }),
    { authTime: NOW + 10 },
  ],
  ['ahead beyond it, as it is', claiming({ auth_time: NOW + 11 }), { authTime: NOW + 11 }],
  ['absent', claiming({}), { authTime: undefined }],
  ['zero', claiming({ auth_time: 0 }), { authTime: undefined }],
  ['below one', claiming({ auth_time: 0.5 }), { authTime: undefined }],
  ['minus zero', claimingText('"auth_time":-0'), { authTime: undefined }],
  ['negative', claiming({ auth_time: -1 }), { authTime: undefined }],
  ['1e400', claimingText('"auth_time":1e400'), { authTime: undefined }],
  ['text', claiming({ auth_time: String(NOW) }), { authTime: undefined }],
  ['a date', claiming({ auth_time: '2027-01-15T08:00:00Z' }), { authTime: undefined }],
  ['milliseconds', claiming({ auth_time: NOW * 1000 }), { authTime: undefined }],
  ['the last number of seconds', claiming({ auth_time: 1e11 }), { authTime: 1e11 }],
  ['the first of milliseconds', claiming({ auth_time: 1e11 + 1 }), { authTime: undefined }],
  ['null', claiming({ auth_time: null }), { authTime: undefined }],
  ['true', claiming({ auth_time: true }), { authTime: undefined }],
  ['a list', claiming({ auth_time: [NOW] }), { authTime: undefined }],
  ['authTime is another claim', claiming({ authTime: NOW }), { authTime: undefined }],
  ['iat does not stand in for it', claiming({ iat: NOW }), { authTime: undefined }],
])

tokenTable('acr', [
  ['text', claiming({ acr: 'urn:example:mfa' }), { acr: 'urn:example:mfa' }],
  ['0 as it is', claiming({ acr: '0' }), { acr: '0' }],
  ['several in one text are one', claiming({ acr: 'gold silver' }), { acr: 'gold silver' }],
  ['a blank behind is another one', claiming({ acr: 'gold ' }), { acr: 'gold ' }],
  ['absent', claiming({}), { acr: undefined }],
  ['empty', claiming({ acr: '' }), { acr: undefined }],
  ['a number', claiming({ acr: 2 }), { acr: undefined }],
  ['zero as number', claiming({ acr: 0 }), { acr: undefined }],
  ['a list', claiming({ acr: ['2'] }), { acr: undefined }],
  ['an object', claiming({ acr: { value: '2' } }), { acr: undefined }],
  ['null', claiming({ acr: null }), { acr: undefined }],
  ['true', claiming({ acr: true }), { acr: undefined }],
])

tokenTable('amr', [
  ['a list', claiming({ amr: ['pwd', 'otp'] }), { amr: ['pwd', 'otp'] }],
  ['an empty list', claiming({ amr: [] }), { amr: [] }],
  ['absent', claiming({}), { amr: undefined }],
  ['text', claiming({ amr: 'otp' }), { amr: undefined }],
  ['text with blanks', claiming({ amr: 'pwd otp' }), { amr: undefined }],
  ['a list with a number', claiming({ amr: ['otp', 1] }), { amr: undefined }],
  ['a list in a list', claiming({ amr: [['otp']] }), { amr: undefined }],
  ['an object', claiming({ amr: { otp: true } }), { amr: undefined }],
  ['null', claiming({ amr: null }), { amr: undefined }],
])

tokenTable('session', [
  ['sid', claiming({ sid: 's-1' }), { sessionId: 's-1' }],
  ['absent', claiming({}), { sessionId: undefined }],
  ['empty', claiming({ sid: '' }), { sessionId: undefined }],
  ['a number', claiming({ sid: 1 }), { sessionId: undefined }],
  ['session_state is another claim', claiming({ session_state: 's' }), { sessionId: undefined }],
])
