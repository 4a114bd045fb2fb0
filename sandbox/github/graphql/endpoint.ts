import { readFileSync } from "node:fs";
import {
  buildASTSchema,
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  parse,
  validate,
} from "graphql";
import { type Answer, isRefusal, refusal } from "../http.ts";
import type { Limits } from "../limits.ts";
import type { Twin, Viewer } from "../twin.ts";
import { createMutations } from "./mutations.ts";
import { countNodes } from "./node-limit.ts";
import { createQueries } from "./queries.ts";
import { failure, type Graph, isUnimplemented, type Source, unimplemented } from "./source.ts";

export interface GraphqlEndpoint {
  /** Operations of a request body, for the log. */
  describe(body: string): { operations: string[]; mutation: boolean };
  execute(body: string, viewer: Viewer): Answer;
}

let schema: GraphQLSchema | undefined;

/** GitHub's own schema, so that it judges every query; half a second, once. */
function gitHubSchema(): GraphQLSchema {
  if (schema !== undefined) return schema;
  // the package exports an index only, which also reads 4 MB of JSON
  const file = new URL("../../../node_modules/@octokit/graphql-schema/schema.graphql", import.meta.url);
  const document = parse(readFileSync(file, "utf8"), { noLocation: true });
  schema = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
  return schema;
}

interface Question {
  query: string;
  variables: Record<string, unknown>;
  operationName: string | undefined;
}

function readQuestion(body: string): Question {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw refusal(400, "Problems parsing JSON");
  }
  const asked = (typeof value === "object" && value !== null ? value : {}) as Partial<Question>;
  if (typeof asked.query !== "string")
    throw refusal(400, "A query attribute must be specified and must be a string.");
  return {
    query: asked.query,
    variables: asked.variables ?? {},
    operationName: asked.operationName ?? undefined,
  };
}

/** Members of a source are values, or functions of the arguments. What is missing is not made up. */
const resolve: GraphQLFieldResolver<unknown, Graph> = (source, args, _graph, info) => {
  const name = `${info.parentType.name}.${info.fieldName}`;
  const members = source as Source;
  if (!(info.fieldName in members)) throw unimplemented(name);
  const value = members[info.fieldName];
  if (typeof value !== "function") return value;
  const given = Object.keys(args);
  if (value.length === 0 && given.length > 0) throw unimplemented(`${name}(${given.join(", ")})`);
  try {
    return value(args, info);
  } catch (error) {
    throw isRefusal(error)
      ? failure(error.status === 404 ? "NOT_FOUND" : "UNPROCESSABLE", error.message)
      : error;
  }
};

export function createGraphql(twin: Twin, limits: Limits): GraphqlEndpoint {
  const documents = new Map<string, DocumentNode | GraphQLError[]>();

  const documentOf = (query: string): DocumentNode | GraphQLError[] => {
    const known = documents.get(query);
    if (known !== undefined) return known;
    let document: DocumentNode | GraphQLError[];
    try {
      const parsed = parse(query);
      const errors = validate(gitHubSchema(), parsed);
      document = errors.length > 0 ? [...errors] : parsed;
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      document = [error];
    }
    if (documents.size < 500) documents.set(query, document);
    return document;
  };

  return {
    describe: (body) => {
      try {
        const operations = parse(readQuestion(body).query).definitions.filter(
          (one) => one.kind === "OperationDefinition",
        );
        const names = operations.map((one) => one.name?.value ?? firstField(one.selectionSet.selections));
        return { operations: names, mutation: operations.some((one) => one.operation === "mutation") };
      } catch {
        return { operations: [], mutation: false };
      }
    },
    execute: (body, viewer) => {
      if (viewer.kind === "anonymous") throw refusal(401, "This endpoint requires you to be authenticated.");
      if (viewer.kind === "app") throw refusal(401, "A JSON web token could not be decoded");
      const question = readQuestion(body);
      const document = documentOf(question.query);
      if (Array.isArray(document)) return { status: 200, body: { errors: document.map(showError) } };
      const tooMany = countNodes(document, question.variables);
      if (tooMany !== undefined) return { status: 200, body: { errors: [showError(tooMany)] } };
      return run(gitHubSchema(), { twin, viewer, limits }, document, question);
    },
  };
}

function firstField(selections: readonly unknown[]): string {
  const first = selections[0] as { name?: { value: string } } | undefined;
  return first?.name?.value ?? "anonymous";
}

function run(schemaToUse: GraphQLSchema, graph: Graph, document: DocumentNode, question: Question): Answer {
  const result = execute({
    schema: schemaToUse,
    document,
    rootValue: { ...createQueries(graph), ...createMutations(graph) },
    contextValue: graph,
    variableValues: question.variables,
    operationName: question.operationName,
    fieldResolver: resolve,
  });
  if (result instanceof Promise) throw new Error("a resolver of the twin waited");
  const errors = result.errors ?? [];
  // a hole in the twin must not pass for a null
  const hole = errors.find(isUnimplemented);
  if (hole !== undefined) return { status: 200, body: { data: null, errors: [showError(hole)] } };
  const broken = errors.find(
    (error) => error.originalError !== undefined && error.extensions["type"] === undefined,
  );
  if (broken?.originalError !== undefined && !(broken.originalError instanceof GraphQLError))
    throw broken.originalError;
  return {
    status: 200,
    body: { data: result.data ?? null, ...(errors.length > 0 ? { errors: errors.map(showError) } : {}) },
  };
}

/** GitHub puts `type` beside `message`. */
function showError(error: GraphQLError) {
  const { type, ...extensions } = error.extensions;
  return {
    ...(type === undefined ? {} : { type }),
    ...(error.path === undefined ? {} : { path: error.path }),
    ...(Object.keys(extensions).length > 0 ? { extensions } : {}),
    ...(error.locations === undefined ? {} : { locations: error.locations }),
    message: error.message,
  };
}
