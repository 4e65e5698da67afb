import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceHeaders } from '../../demo/devices.ts'
import { deviceCookie } from '../../examples/client/device-cookie.ts'
import { createDeviceId } from '../../src/facts/device-id.ts'
import { ANONYMOUS, requestWith } from '../facts/asking.ts'

const KEY = 'a key of the portal, and of nobody else'
const findId = createDeviceId([{ cookie: '__Host-device', key: Buffer.from(KEY, 'utf8') }])
const idOf = (cookie: string) => findId(requestWith({ cookie }), ANONYMOUS)

test('the service takes the cookie that the application issues, and no other', () => {
  assert.equal(idOf(`__Host-device=${deviceCookie('laptop-ada', KEY)}`), 'laptop-ada')
  assert.equal(idOf(`__Host-device=${deviceCookie('laptop-ada', 'a key of somebody else')}`), '')
  const [, mac] = deviceCookie('laptop-ada', KEY).split('.')
  assert.equal(idOf(`__Host-device=laptop-bob.${mac}`), '')
})

test('the browsers of the tour send it', () => {
  const { cookie = '' } = deviceHeaders('tablet-ada', KEY)
  assert.equal(idOf(cookie), 'tablet-ada')
})
