import { createHmac } from 'node:crypto'

/**
 * The value of the cookie by which your application names a device: `id.mac`, the mac an HMAC-SHA-256 of the id in unpadded
 * base64url. The id is 1 to 256 letters, digits, `_` and `-`: a random one, or that of your device management. Your server
 * issues it after a login, and the service verifies it with the same key:
 * `Set-Cookie: __Host-device=…; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=15552000`
 */
export function deviceCookie(id: string, key: string): string {
  return `${id}.${createHmac('sha256', key).update(id).digest('base64url')}`
}
