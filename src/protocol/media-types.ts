/**
 * Media types by file extension. Browsers take `File.type` from the operating system's registry and leave it `''`
 * where that has none: Chromium on Linux and Windows for .heic, .mkv and .md, for instance. Kept short, since it
 * ships to browsers: what people upload, not all that IANA lists. `.ts` is left out: TypeScript or video, nobody knows.
 *
 * `subtype=extension,extension`; a subtype that is its only extension stands alone.
 */
const extensionsByMediaType: Readonly<Record<string, string>> = {
  image:
    'apng avif bmp=bmp,dib gif heic heif jpeg=jpg,jpeg,jpe,jfif jxl png svg+xml=svg,svgz tiff=tif,tiff ' +
    'vnd.adobe.photoshop=psd webp x-adobe-dng=dng x-canon-cr2=cr2 x-canon-cr3=cr3 x-icon=ico ' +
    'x-nikon-nef=nef x-sony-arw=arw',
  audio: 'aac aiff=aif,aiff flac midi=mid,midi mp4=m4a,m4b mpeg=mp3 ogg=ogg,oga opus wav x-ms-wma=wma',
  video:
    '3gpp=3gp mp2t=m2ts,mts mp4=mp4,m4v mpeg=mpg,mpeg ogg=ogv quicktime=mov,qt webm x-flv=flv ' +
    'x-matroska=mkv x-ms-wmv=wmv x-msvideo=avi',
  text:
    'calendar=ics css csv html=html,htm javascript=js,mjs,cjs markdown=md,markdown plain=txt,log,text ' +
    'tab-separated-values=tsv vcard=vcf vtt',
  application:
    'epub+zip=epub geo+json=geojson gzip=gz,tgz java-archive=jar json=json,map jsonl=jsonl,ndjson ' +
    'ld+json=jsonld msword=doc,dot pdf postscript=ps,eps,ai rtf sql vnd.apache.parquet=parquet ' +
    'vnd.apple.keynote=key vnd.apple.numbers=numbers vnd.apple.pages=pages vnd.google-earth.kml+xml=kml ' +
    'vnd.google-earth.kmz=kmz vnd.ms-excel=xls vnd.ms-outlook=msg vnd.ms-powerpoint=ppt ' +
    'vnd.oasis.opendocument.presentation=odp vnd.oasis.opendocument.spreadsheet=ods ' +
    'vnd.oasis.opendocument.text=odt vnd.openxmlformats-officedocument.presentationml.presentation=pptx ' +
    'vnd.openxmlformats-officedocument.spreadsheetml.sheet=xlsx ' +
    'vnd.openxmlformats-officedocument.wordprocessingml.document=docx vnd.rar=rar wasm x-7z-compressed=7z ' +
    'x-bzip2=bz2 x-tar=tar x-xz=xz xhtml+xml=xhtml,xht xml=xml,xsd,xsl,xslt yaml=yaml,yml zip zstd=zst',
  font: 'otf ttf woff woff2',
  message: 'rfc822=eml',
  model: 'gltf+json=gltf gltf-binary=glb obj step=step,stp stl vnd.usdz+zip=usdz',
}

// A Map, not an object: `constructor` and `__proto__` are extensions like any other.
const mediaTypeByExtension = new Map(
  Object.entries(extensionsByMediaType).flatMap(([kind, subtypes]) =>
    subtypes.split(' ').flatMap((entry) => {
      const [subtype = '', extensions = subtype] = entry.split('=')
      return extensions.split(',').map((one) => [one, `${kind}/${subtype}`] as const)
    }),
  ),
)

/** Names that systems use for the same thing; Chrome on Windows calls every zip `application/x-zip-compressed`. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['application/x-gzip', 'application/gzip'],
  ['application/x-pdf', 'application/pdf'],
  ['application/x-rar-compressed', 'application/vnd.rar'],
  ['application/x-zip-compressed', 'application/zip'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/wave', 'audio/wav'],
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/x-wav', 'audio/wav'],
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/vnd.microsoft.icon', 'image/x-icon'],
  ['text/xml', 'application/xml'],
  ['video/matroska', 'video/x-matroska'],
])

/**
 * The media type that the extension of `name` stands for, in lower case and without parameters; undefined where the
 * name has no extension or the kit does not know it.
 */
export function mediaTypeOf(name: string): string | undefined {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? undefined : mediaTypeByExtension.get(name.slice(dot + 1).toLowerCase())
}

/** A media type as it is compared: lower case, without parameters, under its usual name. */
export function normalMediaType(type: string): string {
  const bare = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return aliases.get(bare) ?? bare
}
