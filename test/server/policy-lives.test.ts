/** The rights that `iamPolicy()` lists are enough for each route's whole life, and each of them is needed. */
import { PutObjectTaggingCommand } from '@aws-sdk/client-s3'
import { onTestFinished, expect, test } from 'vitest'

import type { AnyRouter } from '../../src/server/index.ts'
import { createUploadHandler, createUploadRouter, iamPolicy, route, sweep } from '../../src/server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import { aRequest, backendFor, bytesOf, callTo, carryOut, granted, openWitness } from './store-suite.ts'

const common = {
  authorize: (): { id: string } => ({ id: 'ann' }),
  prefix: 'files/',
  view: true,
  delete: true,
  list: (): string => 'files/',
}
const promote = 'waiting/'

const routers: Readonly<Record<string, AnyRouter>> = {
  plain: createUploadRouter({ files: route(common) }),
  promote: createUploadRouter({ files: route({ ...common, promote }) }),
  tags: createUploadRouter({ files: route({ ...common, object: { tags: { team: 'a' } } }) }),
  'tags and promote': createUploadRouter({
    files: route({ ...common, promote, object: { tags: { team: 'a' } } }),
  }),
}

const actionsOf = (router: AnyRouter): string[] =>
  iamPolicy(router, { bucket: 'uploads' }).Statement.flatMap(({ Action }) => [...Action])

/** Uploads in each way, tags the waiting files as a scanner does, confirms, views, lists, deletes, aborts and sweeps. */
async function live(router: AnyRouter, actions: readonly string[], scans: boolean): Promise<void> {
  let now = Date.now()
  const server = await startS3Server({ now: () => new Date(now) })
  onTestFinished(() => server.close())
  await server.createBucket('uploads')
  const { endpoint, region } = server
  const limited = {
    bucket: 'uploads',
    endpoint,
    region,
    credentials: server.issueSession({ actions }),
    capabilities: { unsignedHeaders: 'refused' },
  } as const
  const witness = openWitness({ storage: { ...limited, credentials: server.credentials }, now: () => now })
  onTestFinished(() => witness.client.destroy())
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  const secret = 'a secret of the signer'
  const handler = createUploadHandler(router, { storage: limited, secret, now: () => now, onError })
  const call = callTo(handler)
  const backend = backendFor('files')
  const content = bytesOf(1000)
  const upload = async (way: 'post' | 'put' | 'multipart') => {
    const file = aRequest(content, { accepts: [way] })
    const mine = granted((await backend.createUploads([file], call))[0])
    await carryOut(mine, content, backend, call)
    return { ref: mine.ref, file }
  }
  for (const way of ['post', 'put', 'multipart'] as const) {
    const { ref, file } = await upload(way)
    const waiting = scans ? (await witness.keys(promote)).filter((key) => !key.endsWith('.aborted')) : []
    for (const Key of waiting) {
      const TagSet = [...(await witness.tags(Key)), 'scan=clean'].map((tag) => {
        const [name = '', Value = ''] = tag.split('=')
        return { Key: name, Value }
      })
      await witness.client.send(new PutObjectTaggingCommand({ Bucket: 'uploads', Key, Tagging: { TagSet } }))
    }
    await backend.confirm?.(ref, { location: '' }, file, call)
    const [key = ''] = await witness.keys('files/')
    expect((await witness.tags(key)).includes('scan=clean')).toBe(scans)
    const seen = await fetch((await backend.view?.(ref, call))?.url ?? '')
    expect(seen.status).toBe(200)
    await backend.deleteObject?.(ref, call)
    expect(await witness.keys('files/')).toEqual([])
  }
  const begun = aRequest(content, { accepts: ['multipart'] })
  const [ours] = await backend.createUploads([begun], call)
  await backend.multipart?.abort(granted(ours).ref, call)
  granted((await backend.createUploads([aRequest(content, { accepts: ['multipart'] })], call))[0])
  now += 9 * 86_400_000
  const again = { ...limited, credentials: server.issueSession({ actions }) }
  expect((await sweep(router, { storage: again, now: () => now })).uploads).toBe(1)
  expect(errors).toEqual([])
}

const lives = Object.entries(routers).flatMap(([name, router]) =>
  [false, true].flatMap((scans) => (scans && !name.includes('promote') ? [] : [{ name, router, scans }])),
)

test.each(lives)('the policy is enough: $name, scanned: $scans', async ({ router, scans }) => {
  await expect(live(router, actionsOf(router), scans)).resolves.toBeUndefined()
})

const rights = lives.flatMap((life) => {
  // Without a scan there is no tag to copy, and in place GetObjectTagging serves stores that do not count tags.
  const spared = life.scans || life.name.includes('tags and') ? undefined : 'Tagging'
  return (
    actionsOf(life.router)
      .filter((action) => spared === undefined || !action.endsWith(spared))
      // The local S3 keeps no versions.
      .filter((action) => !action.startsWith('s3:GetObjectVersion'))
      .map((action) => ({ ...life, action }))
  )
})

test.each(rights)('$name, scanned: $scans, fails without $action', async ({ router, scans, action }) => {
  const others = actionsOf(router).filter((one) => one !== action)
  await expect(live(router, others, scans)).rejects.toThrow(/403|AccessDenied|could not|expected/)
})
