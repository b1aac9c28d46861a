import { inject } from 'vitest'

import type { S3Target } from '../conformance/client.ts'
import { s3Conformance } from '../conformance/s3.ts'
import { rgwDifferences } from './differences.ts'

const rgw = inject('rgw')

s3Conformance({
  name: 'Ceph RGW',
  differences: rgwDifferences,
  unavailable: 'unavailable' in rgw ? rgw.unavailable : undefined,
  connect: () => Promise.resolve(rgw as S3Target),
})
