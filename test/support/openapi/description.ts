import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/*
 * The parts of docs/openapi.yaml that tests use (OpenAPI 3.1.1, section 4), with all references resolved, except
 * references to schemas.
 */

/** A JSON Schema, or `true` to accept anything. */
export type Schema = true | { readonly [keyword: string]: unknown };

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'header' | 'path';
  readonly required?: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
}

interface MediaType {
  readonly schema?: Schema;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

export interface Header {
  readonly required?: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
}

export interface Described {
  readonly headers: Readonly<Record<string, Header>>;
  readonly content: Readonly<Record<string, MediaType>>;
}

/** One method of one path. */
export interface Operation {
  /** Method and path, such as `GET /links/{tokenId}`. */
  readonly route: string;
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters: readonly Parameter[];
  /** Bodies by media type. Empty for a method without a body. */
  readonly bodies: Readonly<Record<string, MediaType>>;
  /** Responses by status. `4XX` and `5XX` stand for all other statuses in their class. */
  readonly responses: ReadonlyMap<string, Described>;
}

type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;

const METHODS = new Set(['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace']);

/** The document as published. */
export const document = parse(
  readFileSync(new URL('../../../docs/openapi.yaml', import.meta.url), 'utf8'),
) as Json;

/** Follows a JSON pointer such as `#/components/schemas/Link`. */
export function at(pointer: string): unknown {
  return pointer
    .slice(2)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((value: unknown, part) => (isJson(value) ? value[part] : undefined), document);
}

/** Resolves a reference, and returns anything else unchanged. The validator resolves references in schemas. */
function follow(value: unknown): Json {
  const target = isJson(value) && typeof value.$ref === 'string' ? at(value.$ref) : value;
  if (!isJson(target))
    throw new Error(`docs/openapi.yaml has a dangling reference: ${JSON.stringify(value)}`);
  return target;
}

const entries = (value: unknown): readonly (readonly [string, unknown])[] =>
  isJson(value) ? Object.entries(value) : [];

function followEach<Value>(value: unknown, read: (target: Json) => unknown): Readonly<Record<string, Value>> {
  const read_ = entries(value).map(([name, part]) => [name, read(follow(part))]);
  return Object.fromEntries(read_) as Record<string, Value>;
}

const mediaType = (value: Json) => ({ ...value, examples: followEach(value.examples, (example) => example) });

function described(value: unknown): Described {
  const { headers, content } = follow(value);
  return { headers: followEach(headers, (header) => header), content: followEach(content, mediaType) };
}

function parametersOf(...lists: readonly unknown[]): readonly Parameter[] {
  return lists
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .map((parameter) => follow(parameter) as unknown as Parameter);
}

/** The component schemas of the document, by name. */
export const schemas = at('#/components/schemas') as Readonly<Record<string, Json>>;

/** Codes of signature problems, which do not apply to bearer tokens. */
const OF_SIGNATURES = ['access_denied', 'invalid_signature', 'expired_credentials'];

/** Every operation of the document. Those that accept bearer tokens are also listed under `/oidc`. */
export const operations: readonly Operation[] = entries(document.paths).flatMap(([path, item]) => {
  const { parameters: shared, ...methods } = follow(item);
  return entries(methods)
    .filter(([method]) => METHODS.has(method))
    .flatMap(([method, value]) => {
      const { operationId, security, parameters, requestBody, responses } = follow(value);
      return withBearers({
        route: `${method.toUpperCase()} ${path}`,
        operationId: String(operationId),
        security: Array.isArray(security) ? security : [],
        parameters: parametersOf(shared, parameters),
        bodies: followEach(requestBody === undefined ? {} : follow(requestBody).content, mediaType),
        responses: new Map(entries(responses).map(([status, response]) => [status, described(response)])),
      });
    });
});

/**
 * Splits an operation that accepts bearer tokens into one for IAM callers and one for bearer tokens. API Gateway
 * checks signatures (403), and functions check tokens (401).
 */
function withBearers(operation: Operation): readonly Operation[] {
  const { route, security, responses } = operation;
  const bearer = security.find((one) => 'bearer' in one);
  if (bearer === undefined) return [operation];
  const without = (dropped: string) => new Map([...responses].filter(([status]) => status !== dropped));
  return [
    { ...operation, security: security.filter((one) => one !== bearer), responses: without('401') },
    { ...operation, route: route.replace(' ', ' /oidc'), security: [bearer], responses: unsigned(responses) },
  ];
}

/** Returns the responses without the problems that concern signatures. */
function unsigned(responses: Operation['responses']): Operation['responses'] {
  return new Map(
    [...responses].flatMap(([status, response]) => {
      if (status !== '403') return [[status, response] as const];
      const content = Object.entries(response.content).flatMap(([type, { schema, ...rest }]) => {
        const codes = codesIn(schema).filter((code) => !OF_SIGNATURES.includes(code));
        const oneOf = codes.map((code) => ({ $ref: `#/components/schemas/${code}` }));
        return codes.length === 0 ? [] : [[type, { ...rest, schema: { oneOf } }] as const];
      });
      return content.length === 0
        ? []
        : [[status, { ...response, content: Object.fromEntries(content) }] as const];
    }),
  );
}

/** Returns whether an operation is the bearer-token variant of a signed operation. */
export const isForBearers = ({ security }: Operation): boolean => security.some((one) => 'bearer' in one);

export function operationOf(route: string): Operation {
  const found = operations.find((operation) => operation.route === route);
  if (found === undefined) throw new Error(`docs/openapi.yaml has no ${route}`);
  return found;
}

/** The headers that the document's extensions require of every response, and those of every page. */
export const headersOn = {
  everyResponse: document['x-on-every-response'],
  everyPage: document['x-on-every-page'],
} as Readonly<Record<'everyResponse' | 'everyPage', Readonly<Record<string, Header>>>>;

/** Returns the problem codes that a schema accepts. */
export function codesIn(schema: Schema | undefined): readonly string[] {
  if (!isJson(schema)) return [];
  if (Array.isArray(schema.oneOf)) return schema.oneOf.flatMap((one) => codesIn(one as Schema));
  const name = typeof schema.$ref === 'string' ? schema.$ref.replace('#/components/schemas/', '') : '';
  return schemas[name] === undefined ? [] : [name];
}
