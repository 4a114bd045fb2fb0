// Why a run fails, as its log and its annotations say it.

import type { AnnotationProperties } from "@actions/core";
import type { Place, Problem } from "../core/problem.ts";

export interface Trouble {
  /** With the place before it: a log shows nothing else. */
  readonly message: string;
  /** Its file is named from the root of the repository, for GitHub to show the message there. */
  readonly place?: Place;
}

/** As a compiler says it. `below` is the folder that the file is named from. */
export function troubleAt({ message, place, field }: Problem, below = ""): Trouble {
  if (place === undefined) return { message: field === undefined ? message : `${field}: ${message}` };
  const file = `${below}${place.file}`;
  return { message: `${file}:${place.line}:${place.column}: ${message}`, place: { ...place, file } };
}

export const annotationOf = ({ place }: Trouble): AnnotationProperties =>
  place === undefined ? {} : { file: place.file, startLine: place.line, startColumn: place.column };
