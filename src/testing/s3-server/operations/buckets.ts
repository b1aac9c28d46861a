/** Buckets themselves: list, create, look, delete. */
import { readText } from '../body/payload.ts'
import { bucketOf, owner, type Call } from '../call.ts'
import { S3Error } from '../errors.ts'
import { emptyAnswer, xmlAnswer, type Answer } from '../http/answer.ts'
import { childrenOf, readXml, textOf } from '../http/xml-reader.ts'
import { element } from '../http/xml-writer.ts'

const maxConfiguration = 65_536

/** All buckets, by name. */
export function listBuckets({ state }: Call): Promise<Answer> {
  const buckets = [...state.catalog.buckets.values()]
    .map(({ record }) => record)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return Promise.resolve(
    xmlAnswer(
      element(
        'ListAllMyBucketsResult',
        element('Owner', element('ID', owner.id), element('DisplayName', owner.name)),
        element(
          'Buckets',
          buckets.map(({ name, createdAt }) =>
            element(
              'Bucket',
              element('Name', name),
              element('CreationDate', new Date(createdAt).toISOString()),
              element('BucketRegion', state.region),
            ),
          ),
        ),
      ),
    ),
  )
}

/** Creating what exists is fine in us-east-1 and a conflict elsewhere, as on S3. */
export async function createBucket(call: Call): Promise<Answer> {
  const { state } = call
  const name = bucketOf(call)
  requireBucketName(name)
  const { text } = await readText(call, maxConfiguration)
  const location = text === '' ? undefined : readLocation(text)
  // us-east-1 is named by naming no location, R2's `auto` likewise; other regions must be named, and be this one.
  const expected = ['us-east-1', 'auto'].includes(state.region) ? undefined : state.region
  if (location !== expected) {
    throw new S3Error('IllegalLocationConstraintException', {
      message: `The ${location ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    })
  }
  const known = state.catalog.buckets.has(name)
  if (known && state.region !== 'us-east-1')
    throw new S3Error('BucketAlreadyOwnedByYou', { fields: [['BucketName', name]] })
  if (!known) await state.catalog.saveBucket({ name, createdAt: state.now().getTime() })
  return emptyAnswer(200, { location: `/${name}` })
}

/** 200 with the region. @throws S3Error NoSuchBucket */
export function headBucket(call: Call): Promise<Answer> {
  call.state.catalog.bucket(bucketOf(call))
  return Promise.resolve(emptyAnswer(200, { 'x-amz-bucket-region': call.state.region }))
}

/** 204. @throws S3Error NoSuchBucket, BucketNotEmpty */
export async function deleteBucket(call: Call): Promise<Answer> {
  await call.state.catalog.deleteBucket(bucketOf(call))
  return emptyAnswer(204)
}

/** The region, empty for us-east-1. @throws S3Error NoSuchBucket */
export function getBucketLocation(call: Call): Promise<Answer> {
  call.state.catalog.bucket(bucketOf(call))
  const { region } = call.state
  return Promise.resolve(xmlAnswer(element('LocationConstraint', region === 'us-east-1' ? '' : region)))
}

/** @throws S3Error InvalidBucketName (AWS: bucketnamingrules) */
export function requireBucketName(name: string): void {
  const wellFormed =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !/\.\.|\.-|-\.|^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) &&
    !/^(?:xn--|sthree-|amzn-s3-demo-)|(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3|-an)$/.test(name)
  if (!wellFormed) throw new S3Error('InvalidBucketName', { fields: [['BucketName', name]] })
}

function readLocation(text: string): string | undefined {
  const root = readXml(text, 'CreateBucketConfiguration')
  if (root.children.some(({ name }) => name !== 'LocationConstraint')) throw new S3Error('NotImplemented')
  return childrenOf(root, 'LocationConstraint').length === 0 ? undefined : textOf(root, 'LocationConstraint')
}
