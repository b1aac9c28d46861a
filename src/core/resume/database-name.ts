/** The database of unfinished uploads, unless an app names it. Apart from what opens it, which is not loaded for its name. */
export const databaseName = 's3-upload-kit'
