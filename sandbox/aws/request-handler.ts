import type { HttpHandlerOptions, HttpRequest, HttpResponse, RequestHandler } from "@smithy/types";

type Handle = (request: Request) => Promise<Response>;

/** An SDK v3 `requestHandler` that calls a `(Request) => Promise<Response>` in process, no socket anywhere. */
export function requestHandlerFor(handle: Handle): RequestHandler<
  HttpRequest,
  HttpResponse,
  HttpHandlerOptions
> & {
  readonly metadata: { handlerProtocol: string };
} {
  return {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(request, options) {
      const signal = options?.abortSignal;
      if (signal?.aborted) throw Object.assign(new Error("Request aborted"), { name: "AbortError" });
      const response = await handle(toRequest(request));
      return {
        response: {
          statusCode: response.status,
          headers: Object.fromEntries(response.headers),
          body: new Uint8Array(await response.arrayBuffer()),
        },
      };
    },
  };
}

function toRequest(request: HttpRequest): Request {
  const pairs = Object.entries(request.query ?? {}).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((item) => `${encode(key)}=${encode(item ?? "")}`),
  );
  const port = request.port === undefined ? "" : `:${request.port}`;
  const search = pairs.length === 0 ? "" : `?${pairs.join("&")}`;
  const { method, body } = request;
  return new Request(`${request.protocol}//${request.hostname}${port}${request.path}${search}`, {
    method,
    headers: request.headers,
    ...(method === "GET" || method === "HEAD" || body === undefined ? {} : { body }),
  });
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
