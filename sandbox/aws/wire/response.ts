import { type AwsError, TwinBug } from "../errors.ts";
import { toJson } from "./json.ts";
import type { OperationModel, ServiceModel } from "./service-models.ts";
import { checkShape, ShapeError, type Struct } from "./shape.ts";
import { escapeXml, membersToXml, wrap } from "./xml.ts";

/** An answer as AWS would send it; the twin's own mistakes do not get out as AWS's. */
export function writeAnswer(
  service: ServiceModel,
  operation: OperationModel,
  output: Struct,
  requestId: string,
  now: number,
): Response {
  try {
    checkShape(operation.output, output);
  } catch (error) {
    if (error instanceof ShapeError)
      throw new TwinBug(`${service.id}:${operation.name} answered badly: ${error.message}`);
    throw error;
  }
  const headers = baseHeaders(service, requestId, now);
  switch (service.protocol) {
    case "json":
    case "rest":
      return new Response(JSON.stringify(toJson(output)), { status: 200, headers });
    case "query": {
      const result = wrap(`${operation.name}Result`, membersToXml(operation.output, output));
      const metadata = wrap("ResponseMetadata", wrap("RequestId", requestId));
      return new Response(wrap(`${operation.name}Response`, result + metadata), { status: 200, headers });
    }
    case "ec2": {
      const members = operation.output.isUnitSchema()
        ? wrap("return", "true")
        : membersToXml(operation.output, output);
      const body = wrap("requestId", requestId) + members;
      return new Response(wrap(`${operation.name}Response`, body), { status: 200, headers });
    }
  }
}

export function writeError(service: ServiceModel, error: AwsError, requestId: string, now: number): Response {
  const model = service.errors.get(error.code);
  const status = model?.status ?? error.status;
  const headers = baseHeaders(service, requestId, now);
  const name = model?.name ?? error.code;
  switch (service.protocol) {
    case "rest":
      headers.set("x-amzn-errortype", name);
      return new Response(JSON.stringify({ [model?.messageMember ?? "Message"]: error.message }), {
        status,
        headers,
      });
    case "json": {
      const body = { __type: name, [model?.messageMember ?? "message"]: error.message };
      return new Response(JSON.stringify(body), { status, headers });
    }
    case "query": {
      const type = wrap("Type", status >= 500 ? "Receiver" : "Sender");
      return new Response(
        wrap(
          "ErrorResponse",
          wrap("Error", type + details(model?.code ?? error.code, error)) + wrap("RequestId", requestId),
        ),
        { status, headers },
      );
    }
    case "ec2": {
      const errors = wrap("Errors", wrap("Error", details(error.code, error)));
      return new Response(wrap("Response", errors + wrap("RequestID", requestId)), { status, headers });
    }
  }
}

function details(code: string, error: AwsError): string {
  return wrap("Code", escapeXml(code)) + wrap("Message", escapeXml(error.message));
}

const contentTypes = {
  json: "application/x-amz-json-1.1",
  rest: "application/json",
  query: "text/xml",
  ec2: "text/xml;charset=UTF-8",
} as const;

function baseHeaders(service: ServiceModel, requestId: string, now: number): Headers {
  return new Headers({
    "content-type": contentTypes[service.protocol],
    "x-amzn-requestid": requestId,
    // clients correct their own clock by this
    date: new Date(now).toUTCString(),
  });
}
