/** Faults of an engine, planted from outside: what a judge must see to be worth its name. */
import type {
  HttpResponse,
  HttpTransport,
  MultipartBackend,
  UploadBackend,
  Uploader,
} from '../../src/core/index.ts'
import type { ResumeStore } from '../../src/core/resume/types.ts'

/** What the engine is made of, spoiled. */
export interface Defect {
  backend?: (backend: UploadBackend) => UploadBackend
  transport?: (transport: HttpTransport) => HttpTransport
  uploader?: (uploader: Uploader) => Uploader
  store?: (store: ResumeStore) => ResumeStore
}

/** A defect, and the words in which the judge must tell of it. */
export interface PlantedDefect {
  readonly name: string
  readonly told: RegExp
  readonly defect: Defect
  /** It shows only where pages are loaded anew. */
  readonly reloads?: true
}

const inParts = (change: (parts: MultipartBackend) => Partial<MultipartBackend>): Defect => ({
  backend: (backend) =>
    backend.multipart
      ? { ...backend, multipart: { ...backend.multipart, ...change(backend.multipart) } }
      : backend,
})

/** Answers to bytes. */
const answering = (change: (answer: HttpResponse) => HttpResponse): Defect => ({
  transport: (transport) => ({
    send: async (request, options) => {
      const answer = await transport.send(request, options)
      return request.body?.kind === 'text' ? answer : change(answer)
    },
  }),
})

/** Targets of whole files, said to live so many seconds. */
const living = (backend: UploadBackend, seconds: number): UploadBackend => ({
  ...backend,
  createUploads: async (files, call) =>
    (await backend.createUploads(files, call)).map((grant) =>
      grant.ok && grant.target.type !== 'multipart'
        ? { ...grant, target: { ...grant.target, expiresIn: seconds } }
        : grant,
    ),
})

/** What this kit must never do, and how it is told. */
export const plantedDefects: readonly PlantedDefect[] = [
  {
    name: 'a part is left out of the completion',
    told: /or other ones/,
    defect: inParts((multipart) => ({
      complete: (ref, parts, call) =>
        multipart.complete(ref, parts.length > 1 ? parts.slice(1) : parts, call),
    })),
  },
  {
    name: 'a 500 is taken for a success',
    told: /not in the store|confirm-failed|nobody has read/,
    defect: answering((answer) => (answer.status === 500 ? { ...answer, status: 200, text: '' } : answer)),
  },
  {
    name: 'an abort is skipped',
    told: /was left open|and S3 had it|and left/,
    defect: inParts(() => ({ abort: async () => undefined })),
  },
  {
    name: 'what was stored unseen is not given back',
    // Or the next try of the same file finds its place taken.
    told: /(canceled|removed) and left|is in the store again/,
    defect: { backend: (backend) => ({ ...backend, release: async () => undefined }) },
  },
  {
    name: 'a retry makes a second object',
    // The first object is nobody's then: also where the second try ends in a cancel or a removal.
    told: /is in the store again|(canceled|removed) and left/,
    defect: {
      // Every try asks anew, and as if nothing had been asked for before.
      backend: (backend) => ({
        ...living(
          {
            ...backend,
            createUploads: (files, call) =>
              backend.createUploads(
                files.map(({ previous: _forgotten, ...file }) => ({ ...file, reason: 'first' })),
                call,
              ),
          },
          0,
        ),
        probe: async () => 'absent',
      }),
    },
  },
  {
    name: 'a target is used after its life',
    told: /had run out/,
    defect: { backend: (backend) => living(backend, 1_000_000) },
  },
  {
    name: 'a budget is exceeded',
    told: /requests at a time to https:\/\/s3/,
    defect: {
      uploader(uploader) {
        uploader.setOptions({ concurrency: 20 })
        return uploader
      },
    },
  },
  {
    name: 'totals run backwards',
    told: /totals ran backwards/,
    defect: {
      uploader(uploader) {
        let looks = 0
        const getTotals: Uploader['getTotals'] = () => {
          const totals = uploader.getTotals()
          return { ...totals, loaded: Math.max(0, totals.loaded - (looks++ % 2)) }
        }
        return { ...uploader, getTotals }
      },
    },
  },
  {
    name: '100 % is shown before S3 has answered',
    told: /at 100 % before/,
    defect: {
      uploader: (uploader) => ({
        ...uploader,
        getProgress(id) {
          const { loaded, total } = uploader.getProgress(id)
          return { loaded: loaded > 0 ? total : 0, total }
        },
      }),
    },
  },
  {
    name: 'a promise hangs',
    told: /whenSettled of .* is open/,
    defect: { uploader: (uploader) => ({ ...uploader, whenSettled: () => new Promise(() => undefined) }) },
  },
  {
    name: 'a file hangs',
    told: /hangs, preparing/,
    defect: {
      backend: (backend) => ({
        ...backend,
        createUploads: (files, call) =>
          files.length > 1 ? new Promise(() => undefined) : backend.createUploads(files, call),
      }),
    },
  },
  {
    name: 'a failure that passes is taken for good',
    told: /ended in/,
    defect: {
      uploader(uploader) {
        uploader.setOptions({ retry: 0 })
        return uploader
      },
    },
  },
  {
    name: 'nothing is written down of an upload',
    told: /nothing of it is written down/,
    defect: { store: (store) => ({ ...store, save: async () => undefined }) },
    reloads: true,
  },
  {
    name: 'what is over is still written down',
    told: /still written down/,
    defect: { store: (store) => ({ ...store, delete: async () => undefined }) },
  },
  {
    name: 'the server is told of only one part',
    told: /before the server heard/,
    defect: inParts((multipart) => ({
      ...(multipart.partStored && {
        partStored: async (ref, part, call) =>
          part.number === 1 ? multipart.partStored?.(ref, part, call) : undefined,
      }),
    })),
  },
]
