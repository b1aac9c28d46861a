/** Whom the server knows: key pairs, and sessions as STS would issue them. */
import { randomBytes } from 'node:crypto'

import type { S3Credentials } from '../../../s3/credentials.ts'

/** A key pair as the server holds it. */
export interface KnownKey {
  readonly credentials: S3Credentials
  /** When a session ends. */
  readonly expiresAt?: Date
  /** Where a session may read and write; everything, if there is none. */
  readonly keyPrefix?: string
  /** Only these of IAM's actions. Default: all. */
  readonly actions?: ReadonlySet<string>
}

/** What a session is asked to be. */
export interface SessionOptions {
  /** Life in seconds from now. Default: 3,600. */
  readonly expiresIn?: number
  /** Only keys that begin so may be read or written, as with a session policy. Default: all. */
  readonly keyPrefix?: string
  /** Only these of IAM's actions, such as `s3:PutObject`, as with a session policy. Default: all. */
  readonly actions?: readonly string[]
}

/** Credentials of a session, with the moment they end. */
export interface SessionCredentials extends S3Credentials {
  readonly sessionToken: string
  readonly expiresAt: Date
}

/** Known keys by their access key id. */
export class KeyRing {
  readonly #keys = new Map<string, KnownKey>()

  constructor(credentials: readonly S3Credentials[]) {
    for (const one of credentials) this.#keys.set(one.accessKeyId, { credentials: one })
  }

  find(accessKeyId: string): KnownKey | undefined {
    return this.#keys.get(accessKeyId)
  }

  /** A new session. It is forgotten when the process ends. */
  issueSession(options: SessionOptions, now: Date): SessionCredentials {
    const expiresAt = new Date(now.getTime() + (options.expiresIn ?? 3_600) * 1_000)
    const credentials: SessionCredentials = {
      // AWS's temporary keys begin with ASIA, lasting ones with AKIA.
      accessKeyId: `ASIA${randomBytes(10).toString('hex').toUpperCase().slice(0, 16)}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(120).toString('base64'),
      expiresAt,
    }
    this.#keys.set(credentials.accessKeyId, {
      credentials,
      expiresAt,
      ...(options.keyPrefix !== undefined && { keyPrefix: options.keyPrefix }),
      ...(options.actions && { actions: new Set(options.actions) }),
    })
    return credentials
  }
}
