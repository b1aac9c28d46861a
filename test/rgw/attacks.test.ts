/** The attack cases against a real S3. */
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { beforeAll, describe, inject, vi } from 'vitest'

import { ceph } from '../../src/server/index.ts'
import { describeAttacks } from '../server/cases/attacks/index.ts'
import type { Store } from '../server/store-suite.ts'
import { openWitness } from '../server/store-suite.ts'

vi.setConfig({ testTimeout: 60_000 })

const rgw = inject('rgw')
const bucket = 'attacked'

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

  describeAttacks(open, { losesFormHeaders: true })
})
