import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'

/** Signs checkpoints. */
export type Signer = {
  /** The first 16 hexadecimal digits of the SHA-256 of the public key (SubjectPublicKeyInfo, DER). */
  readonly keyId: string
  /** Ed25519 (RFC 8032), in hexadecimal. */
  readonly sign: (text: string) => string
}

/** Checks what a signer signed. */
export type SignatureCheck = {
  readonly keyId: string
  readonly isGenuine: (text: string, signature: string) => boolean
}

/** Reads a private key in PEM. Throws when it is none, or not of Ed25519; the message never has the key in it. */
export function createSigner(pem: string | Buffer): Signer {
  const key = keyOf(() => createPrivateKey(pem), 'private')
  return {
    keyId: keyIdOf(createPublicKey(key)),
    sign: (text) => sign(null, Buffer.from(text), key).toString('hex'),
  }
}

/** Reads a public key in PEM. Throws as `createSigner` does. */
export function createSignatureCheck(pem: string | Buffer): SignatureCheck {
  const key = keyOf(() => createPublicKey(pem), 'public')
  return {
    keyId: keyIdOf(key),
    isGenuine: (text, signature) =>
      /^[0-9a-f]{128}$/.test(signature) &&
      verify(null, Buffer.from(text), key, Buffer.from(signature, 'hex')),
  }
}

function keyOf(read: () => KeyObject, kind: 'private' | 'public'): KeyObject {
  const key = attempt(read)
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw new TypeError(
    `this is no ${kind} Ed25519 key in PEM: make one by \`openssl genpkey -algorithm ed25519\``,
  )
}

function attempt(read: () => KeyObject): KeyObject | null {
  try {
    return read()
  } catch {
    return null
  }
}

function keyIdOf(key: KeyObject): string {
  return hash('sha256', key.export({ type: 'spki', format: 'der' })).slice(0, 16)
}
