// What `hallpass approve` and `hallpass reject` share.

import type { Run } from "../describe.ts";
import type { ReviewOptions } from "../review.ts";

export const reviewJson =
  "one JSON object: request, pull, head, did (approved, rejected), url; what it is of on standard error";

interface Typed {
  readonly message?: string;
  readonly repo?: string;
  readonly yes?: true;
  readonly json?: true;
}

export const reviewing =
  (run: Run, verdict: ReviewOptions["verdict"]) =>
  (id: string, { yes, json, ...rest }: Typed) =>
    run(
      { ...rest, id, verdict, yes: yes === true, json: json === true },
      async () => (await import("../review.ts")).review,
    );
