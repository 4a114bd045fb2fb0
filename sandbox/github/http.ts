// What a handler says, and how it refuses.

export type Json = Record<string, unknown>;

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface FieldError {
  resource: string;
  field: string;
  code: "missing" | "missing_field" | "invalid" | "already_exists" | "unprocessable" | "custom";
  message?: string;
}

/** A refusal on its way to becoming a response. */
export interface Refusal extends Error {
  status: number;
  errors: (FieldError | string)[] | undefined;
  headers: Record<string, string>;
}

export function refusal(
  status: number,
  message: string,
  errors?: (FieldError | string)[],
  headers: Record<string, string> = {},
): Refusal {
  return Object.assign(new Error(message), { status, errors, headers });
}

export function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && "status" in error && "errors" in error && "headers" in error;
}

export function notFound(): Refusal {
  return refusal(404, "Not Found");
}

export function invalid(
  resource: string,
  field: string,
  code: FieldError["code"],
  message?: string,
): Refusal {
  const error: FieldError = { resource, field, code };
  return refusal(422, "Validation Failed", [message === undefined ? error : { ...error, message }]);
}

export const ok = (body: unknown, headers?: Record<string, string>): Answer =>
  headers === undefined ? { status: 200, body } : { status: 200, body, headers };
export const created = (body: unknown): Answer => ({ status: 201, body });
export const accepted = (body: unknown): Answer => ({ status: 202, body });
export const noContent: Answer = { status: 204 };

/** A refusal of a request whose shape is wrong, in the words of GitHub's schema check. */
function malformed(key: string, value: unknown, wanted: string): Refusal {
  const got = value === undefined ? "wasn't supplied" : `is not ${wanted}`;
  const shown =
    value === undefined ? `"${key}"` : `For 'properties/${key}', ${JSON.stringify(value)?.slice(0, 80)}`;
  return refusal(422, `Invalid request.\n\n${shown} ${got}.`);
}

/** Reads the members of a JSON body; each reader refuses with 422 what is of another type. */
export interface Fields {
  has(key: string): boolean;
  text(key: string): string;
  optionalText(key: string): string | undefined;
  /** undefined: not given; null: given as null. */
  nullableText(key: string): string | null | undefined;
  flag(key: string): boolean | undefined;
  number(key: string): number | undefined;
  texts(key: string): string[] | undefined;
  object(key: string): Fields | undefined;
  objects(key: string): Fields[] | undefined;
  raw: Json;
}

export function fields(raw: Json): Fields {
  const one = <T>(key: string, type: string, wanted: string): T | undefined => {
    const value = raw[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== type) throw malformed(key, value, wanted);
    return value as T;
  };
  const list = (key: string): unknown[] | undefined => {
    const value = raw[key];
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) throw malformed(key, value, "an array");
    return value;
  };
  const asObject = (key: string, value: unknown): Json => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw malformed(key, value, "an object");
    return value as Json;
  };
  const result: Fields = {
    raw,
    has: (key) => raw[key] !== undefined,
    text: (key) => {
      const value = one<string>(key, "string", "a string");
      if (value === undefined) throw malformed(key, raw[key], "a string");
      return value;
    },
    optionalText: (key) => one<string>(key, "string", "a string"),
    nullableText: (key) => (raw[key] === null ? null : one<string>(key, "string", "a string")),
    flag: (key) => one<boolean>(key, "boolean", "a boolean"),
    number: (key) => one<number>(key, "number", "an integer"),
    texts: (key) =>
      list(key)?.map((value) => {
        if (typeof value !== "string") throw malformed(key, value, "a string");
        return value;
      }),
    object: (key) => {
      const value = raw[key];
      return value === undefined || value === null ? undefined : fields(asObject(key, value));
    },
    objects: (key) => list(key)?.map((value) => fields(asObject(key, value))),
  };
  return result;
}
