// A grant as the tests of its end begin with: asked, decided by policy, its credentials taken.

import { type DurationClass, documentName } from "../../../aws/documents.ts";
import type { ActiveRecord } from "../../../core/record.ts";
import type { Person } from "../../../sandbox/stage.ts";
import type { FormFields } from "../people.ts";
import type { World } from "../world.ts";
import { type Holder, hold } from "./holder.ts";

export const node = "i-0d0d0d0d0d0d0d0d1";

export interface Held {
  readonly number: number;
  readonly record: ActiveRecord;
  readonly holder: Holder;
  readonly document: string;
}

/** The session document that a record's grant allows. */
export const documentOf = ({ request }: ActiveRecord): string =>
  request.access === "port-forward"
    ? documentName({ mode: request.access, forward: request.forward ?? "" }, request.for)
    : documentName({ mode: request.access }, request.for);

export async function granted(world: World, fields: FormFields = {}, login: Person = "alice"): Promise<Held> {
  const number = world.people.ask(login, { for: "1h", ...fields });
  await world.people.token(login, number);
  await world.run();
  const { record, credentials } = await world.operator(login).take(number);
  const [issued] = credentials;
  if (issued === undefined) throw new Error("nothing was issued");
  const document = documentOf(record);
  return { number, record, document, holder: hold(world, issued, document) };
}

export const minutesOf = (document: string): DurationClass =>
  Number(document.split("-").at(-1)) as DurationClass;
