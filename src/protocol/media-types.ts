/**
 * Media types by file extension. Browsers take `File.type` from the operating system's registry and leave it `''`
 * where that has none: Chromium on Linux and Windows for .heic, .mkv and .md, for instance. Kept short, since it
 * ships to browsers: what people upload, not all that IANA lists. `.ts` is left out: TypeScript or video, nobody knows.
 */
const extensionsByMediaType: readonly (readonly [mediaType: string, extensions: string])[] = [
  ['image/apng', 'apng'],
  ['image/avif', 'avif'],
  ['image/bmp', 'bmp dib'],
  ['image/gif', 'gif'],
  ['image/heic', 'heic'],
  ['image/heif', 'heif'],
  ['image/jpeg', 'jpg jpeg jpe jfif'],
  ['image/jxl', 'jxl'],
  ['image/png', 'png'],
  ['image/svg+xml', 'svg svgz'],
  ['image/tiff', 'tif tiff'],
  ['image/vnd.adobe.photoshop', 'psd'],
  ['image/webp', 'webp'],
  ['image/x-adobe-dng', 'dng'],
  ['image/x-canon-cr2', 'cr2'],
  ['image/x-canon-cr3', 'cr3'],
  ['image/x-icon', 'ico'],
  ['image/x-nikon-nef', 'nef'],
  ['image/x-sony-arw', 'arw'],
  ['audio/aac', 'aac'],
  ['audio/aiff', 'aif aiff'],
  ['audio/flac', 'flac'],
  ['audio/midi', 'mid midi'],
  ['audio/mp4', 'm4a m4b'],
  ['audio/mpeg', 'mp3'],
  ['audio/ogg', 'ogg oga'],
  ['audio/opus', 'opus'],
  ['audio/wav', 'wav'],
  ['audio/x-ms-wma', 'wma'],
  ['video/3gpp', '3gp'],
  ['video/mp2t', 'm2ts mts'],
  ['video/mp4', 'mp4 m4v'],
  ['video/mpeg', 'mpg mpeg'],
  ['video/ogg', 'ogv'],
  ['video/quicktime', 'mov qt'],
  ['video/webm', 'webm'],
  ['video/x-flv', 'flv'],
  ['video/x-matroska', 'mkv'],
  ['video/x-ms-wmv', 'wmv'],
  ['video/x-msvideo', 'avi'],
  ['text/calendar', 'ics'],
  ['text/css', 'css'],
  ['text/csv', 'csv'],
  ['text/html', 'html htm'],
  ['text/javascript', 'js mjs cjs'],
  ['text/markdown', 'md markdown'],
  ['text/plain', 'txt log text'],
  ['text/tab-separated-values', 'tsv'],
  ['text/vcard', 'vcf'],
  ['text/vtt', 'vtt'],
  ['application/epub+zip', 'epub'],
  ['application/geo+json', 'geojson'],
  ['application/gzip', 'gz tgz'],
  ['application/java-archive', 'jar'],
  ['application/json', 'json map'],
  ['application/jsonl', 'jsonl ndjson'],
  ['application/ld+json', 'jsonld'],
  ['application/msword', 'doc dot'],
  ['application/pdf', 'pdf'],
  ['application/postscript', 'ps eps ai'],
  ['application/rtf', 'rtf'],
  ['application/sql', 'sql'],
  ['application/vnd.apache.parquet', 'parquet'],
  ['application/vnd.apple.keynote', 'key'],
  ['application/vnd.apple.numbers', 'numbers'],
  ['application/vnd.apple.pages', 'pages'],
  ['application/vnd.google-earth.kml+xml', 'kml'],
  ['application/vnd.google-earth.kmz', 'kmz'],
  ['application/vnd.ms-excel', 'xls'],
  ['application/vnd.ms-outlook', 'msg'],
  ['application/vnd.ms-powerpoint', 'ppt'],
  ['application/vnd.oasis.opendocument.presentation', 'odp'],
  ['application/vnd.oasis.opendocument.spreadsheet', 'ods'],
  ['application/vnd.oasis.opendocument.text', 'odt'],
  ['application/vnd.openxmlformats-officedocument.presentationml.presentation', 'pptx'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.rar', 'rar'],
  ['application/wasm', 'wasm'],
  ['application/x-7z-compressed', '7z'],
  ['application/x-bzip2', 'bz2'],
  ['application/x-tar', 'tar'],
  ['application/x-xz', 'xz'],
  ['application/xhtml+xml', 'xhtml xht'],
  ['application/xml', 'xml xsd xsl xslt'],
  ['application/yaml', 'yaml yml'],
  ['application/zip', 'zip'],
  ['application/zstd', 'zst'],
  ['font/otf', 'otf'],
  ['font/ttf', 'ttf'],
  ['font/woff', 'woff'],
  ['font/woff2', 'woff2'],
  ['message/rfc822', 'eml'],
  ['model/gltf+json', 'gltf'],
  ['model/gltf-binary', 'glb'],
  ['model/obj', 'obj'],
  ['model/step', 'step stp'],
  ['model/stl', 'stl'],
  ['model/vnd.usdz+zip', 'usdz'],
]

// A Map, not an object: `constructor` and `__proto__` are extensions like any other.
const mediaTypeByExtension = new Map(
  extensionsByMediaType.flatMap(([type, extensions]) =>
    extensions.split(' ').map((one) => [one, type] as const),
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
