/**
 * Media types by file extension. Browsers take `File.type` from the operating system's registry and leave it `''`
 * where that has none: Chromium on Linux and Windows for .heic, .mkv and .md, for instance. Kept short, since it
 * ships to browsers: what people upload, not all that IANA lists. `.ts` is left out: TypeScript or video, nobody knows.
 *
 * `subtype|alias=extension,extension`; a subtype that is its only extension stands alone. An alias is another name
 * that systems use for the same thing; Chrome on Windows calls every zip `application/x-zip-compressed`.
 */
const families: Readonly<Record<string, string>> = {
  image:
    'apng avif bmp=bmp,dib gif heic heif jpeg|jpg|pjpeg=jpg,jpeg,jpe,jfif jxl png svg+xml=svg,svgz tiff=tif,tiff ' +
    'vnd.adobe.photoshop=psd webp x-adobe-dng=dng x-canon-cr2=cr2 x-canon-cr3=cr3 ' +
    'x-icon|vnd.microsoft.icon=ico x-nikon-nef=nef x-sony-arw=arw',
  audio:
    'aac aiff=aif,aiff flac midi=mid,midi mp4|x-m4a=m4a,m4b mpeg|mp3=mp3 ogg=ogg,oga opus wav|wave|x-wav=wav ' +
    'x-ms-wma=wma',
  video:
    '3gpp=3gp mp2t=m2ts,mts mp4=mp4,m4v mpeg=mpg,mpeg ogg=ogv quicktime=mov,qt webm x-flv=flv ' +
    'x-matroska|matroska=mkv x-ms-wmv=wmv x-msvideo=avi',
  text:
    'calendar=ics css csv html=html,htm javascript=js,mjs,cjs markdown=md,markdown plain=txt,log,text ' +
    'tab-separated-values=tsv vcard=vcf vtt',
  application:
    'epub+zip=epub geo+json=geojson gzip|x-gzip=gz,tgz java-archive=jar json=json,map jsonl=jsonl,ndjson ' +
    'ld+json=jsonld msword=doc,dot pdf|x-pdf=pdf postscript=ps,eps,ai rtf sql vnd.apache.parquet=parquet ' +
    'vnd.apple.keynote=key vnd.apple.numbers=numbers vnd.apple.pages=pages vnd.google-earth.kml+xml=kml ' +
    'vnd.google-earth.kmz=kmz vnd.ms-excel=xls vnd.ms-outlook=msg vnd.ms-powerpoint=ppt ' +
    'vnd.oasis.opendocument.presentation=odp vnd.oasis.opendocument.spreadsheet=ods ' +
    'vnd.oasis.opendocument.text=odt vnd.openxmlformats-officedocument.presentationml.presentation=pptx ' +
    'vnd.openxmlformats-officedocument.spreadsheetml.sheet=xlsx ' +
    'vnd.openxmlformats-officedocument.wordprocessingml.document=docx vnd.rar|x-rar-compressed=rar wasm ' +
    'x-7z-compressed=7z x-bzip2=bz2 x-tar=tar x-xz=xz xhtml+xml=xhtml,xht xml=xml,xsd,xsl,xslt yaml=yaml,yml ' +
    'zip|x-zip-compressed=zip zstd=zst',
  font: 'otf ttf woff woff2',
  message: 'rfc822=eml',
  model: 'gltf+json=gltf gltf-binary=glb obj step=step,stp stl vnd.usdz+zip=usdz',
}

// Maps, not objects: `constructor` and `__proto__` are extensions like any other.
const mediaTypeByExtension = new Map<string, string>()
const mediaTypeByAlias = new Map([['text/xml', 'application/xml']])

for (const [family, entries] of Object.entries(families))
  for (const entry of entries.split(' ')) {
    const [names = '', extensions = names] = entry.split('=')
    const [type, ...aliases] = names.split('|').map((name) => `${family}/${name}`)
    if (!type) continue
    for (const extension of extensions.split(',')) mediaTypeByExtension.set(extension, type)
    for (const alias of aliases) mediaTypeByAlias.set(alias, type)
  }

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
  return mediaTypeByAlias.get(bare) ?? bare
}
