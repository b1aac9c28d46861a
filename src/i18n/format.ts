/** Numbers as people of a language write them. Locales build their sentences from these. */

/** What a locale needs to put numbers into words. */
export interface Format {
  /** `1,204` */
  readonly number: (value: number) => string
  /** `4.2 MB`; decimal units, as `Intl` and every system but Windows mean them. */
  readonly bytes: (bytes: number) => string
  /** Two sizes that differ, in as many digits as it takes to see it: "10.5 MB, at most 10.5 MB" helps no one. */
  readonly bytesApart: (one: number, other: number) => readonly [one: string, other: string]
  /** `42%`, from 0 to 1; rounded down, since 100 % means done. */
  readonly percent: (ratio: number) => string
  /** `12 sec`, `3 min`, `2 hr` */
  readonly duration: (seconds: number) => string
  /** `a, b or c` */
  readonly anyOf: (words: readonly string[]) => string
  /** The form for this number, `other` where the language has none of its own. */
  readonly plural: (
    count: number,
    forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string },
  ) => string
}

const sizeUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const

/** @param locale BCP 47, as `Intl` takes it */
export function createFormat(locale: string): Format {
  const cache = new Map<string, Intl.NumberFormat>()
  const rules = new Intl.PluralRules(locale)
  const list = new Intl.ListFormat(locale, { type: 'disjunction' })

  // Making a formatter costs far more than using it, and a list shows thousands of sizes.
  const numberFormat = (options: Intl.NumberFormatOptions): Intl.NumberFormat => {
    const key = JSON.stringify(options)
    const made = cache.get(key) ?? new Intl.NumberFormat(locale, options)
    cache.set(key, made)
    return made
  }

  const unit = (value: number, name: string, digits = 0): string =>
    numberFormat({
      style: 'unit',
      unit: name,
      // The short form of a byte is "byte" in the plural too.
      unitDisplay: name === 'byte' ? 'long' : 'short',
      maximumFractionDigits: digits,
    }).format(value)

  const bytes = (size: number, extraDigits = 0): string => {
    let value = size
    let index = 0
    // 999.95 kB would be rounded to "1,000 kB": the next unit begins where rounding does.
    while (value >= 999.5 && index < sizeUnits.length - 1) {
      value /= 1000
      index += 1
    }
    const digits = index === 0 ? 0 : (value < 100 ? 1 : 0) + extraDigits
    return unit(value, sizeUnits[index] ?? 'byte', digits)
  }

  return {
    number: (value) => numberFormat({}).format(value),
    bytes: (size) => bytes(size),
    bytesApart(one, other) {
      for (let digits = 0; digits < 6; digits++) {
        const pair = [bytes(one, digits), bytes(other, digits)] as const
        if (pair[0] !== pair[1]) return pair
      }
      return [unit(one, 'byte'), unit(other, 'byte')]
    },
    percent: (ratio) => numberFormat({ style: 'percent' }).format(Math.floor(ratio * 100) / 100),
    duration(seconds) {
      if (seconds < 59.5) return unit(Math.max(1, Math.round(seconds)), 'second')
      if (seconds < 3570) return unit(Math.round(seconds / 60), 'minute')
      return unit(seconds / 3600, 'hour', 1)
    },
    anyOf: (words) => list.format(words),
    plural: (count, forms) => forms[rules.select(count)] ?? forms.other,
  }
}
