import { parseDocument } from 'yaml'

/** The cookie by which the portal names a device. */
export const DEVICE_COOKIE = '__Host-device'

/** The variables that hold the secrets of the settings; nobody else knows what the demo puts into them. */
export const DEVICE_KEY = 'DEVICE_KEY'
export const FINGERPRINT_KEY = 'FINGERPRINT_KEY'

/** The settings of the example, with what takes a secret: a cookie that tells devices apart, and a fingerprint. */
export function withSecrets(settings: string): string {
  const document = parseDocument(settings)
  document.setIn(['device', 'from'], [{ cookie: DEVICE_COOKIE, key: `env:${DEVICE_KEY}` }])
  document.set('session', { fingerprint: { key: `env:${FINGERPRINT_KEY}` } })
  return document.toString()
}
