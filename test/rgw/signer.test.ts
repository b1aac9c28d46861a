/** The signer against a real S3: grants, attacks on them, and what is left in the bucket. */
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { beforeAll, describe, inject, vi } from 'vitest'

import { ceph } from '../../src/server/index.ts'
import { describeSigner } from '../server/store-cases.ts'
import type { Store } from '../server/store-suite.ts'
import { openWitness } from '../server/store-suite.ts'

// Megabytes go over the wire, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const rgw = inject('rgw')
const bucket = 'signer'

describe.skipIf('unavailable' in rgw)('against Ceph RGW', () => {
  const open = (): Store => {
    if ('unavailable' in rgw) throw new Error(rgw.unavailable)
    const { endpoint, region, credentials } = rgw
    return { storage: ceph({ bucket, region, endpoint, credentials }), now: Date.now }
  }

  beforeAll(async () => {
    const { client } = openWitness(open())
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
    client.destroy()
  })

  // URLs name the headers on which RGW acts. Metadata has no end of names.
  describeSigner(open, {
    takesUnsignedMetadata: true,
    ignoresDigests: true,
    conditionsOnPutOnly: true,
  })
})
