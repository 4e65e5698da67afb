import { deviceCookie } from '../examples/client/device-cookie.ts'
import { DEVICE_COOKIE } from './settings-copy.ts'

/** The devices of the tour; how they stand says `config/data/devices-sample.jsonl`. */
export type DeviceName = 'laptop-ada' | 'tablet-ada' | 'laptop-bob' | 'laptop-carol'

const DESKTOP = 'Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0'
const TABLET =
  'Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15'

const USER_AGENTS: Readonly<Record<DeviceName, string>> = {
  'laptop-ada': DESKTOP,
  'tablet-ada': TABLET,
  'laptop-bob': DESKTOP,
  'laptop-carol': DESKTOP,
}

/** The headers that tell devices apart: the portal's cookie, signed with its key, and the browser's own. */
export function deviceHeaders(device: DeviceName, key: string): Readonly<Record<string, string>> {
  const cookie = `${DEVICE_COOKIE}=${deviceCookie(device, key)}`
  return { cookie, 'user-agent': USER_AGENTS[device], 'accept-language': 'de, en;q=0.5' }
}
