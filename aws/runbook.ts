// The Automation runbook that ends a grant inside AWS. No scripts: only API calls, sleeps and loops, so it needs no runtime and can be read whole.

/** Its document's name, in each Region. */
export const runbookName = "Hallpass-EndAccess";
/** The role it runs as, made by the account's template. */
export const runbookRoleName = "HallpassEndAccess";
