import { readFileSync } from 'node:fs';

/** An API Gateway proxy event. Only the fields that tests change are typed. */
export interface ApiEvent {
  httpMethod: string;
  resource: string;
  headers: Record<string, string> | null;
  multiValueHeaders: Record<string, string[]> | null;
  queryStringParameters: Record<string, string> | null;
  multiValueQueryStringParameters: Record<string, string[]> | null;
  pathParameters: Record<string, string> | null;
  body: string | null;
  isBase64Encoded: boolean;
  requestContext: { identity: Record<string, string | null> };
}

/** Names of the golden events in laptop/test/golden. */
export type GoldenName =
  | 'get-form'
  | 'get-redeem'
  | 'head-redeem'
  | 'post-token-json'
  | 'post-redeem-form'
  | 'post-links-iam'
  | 'delete-link-iam'
  | 'test-invoke-get-redeem'
  | 'test-invoke-post-links';

/** Returns a copy of a golden event. */
export function goldenEvent(name: GoldenName): ApiEvent {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')) as ApiEvent;
}

/** Changes to a golden event. A header that is `undefined` is removed. */
export interface RequestDetails {
  readonly route?: `${string} /${string}`;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly query?: Readonly<Record<string, string | string[]>>;
  readonly path?: Readonly<Record<string, string>>;
  readonly body?: string | object | null;
  readonly base64?: Uint8Array;
  readonly sourceIp?: string;
}

/** Returns a golden event with changes. Header and query changes apply to single-value and multi-value fields. */
export function apiEvent(name: GoldenName, details: RequestDetails = {}): ApiEvent {
  const event = goldenEvent(name);
  if (details.route !== undefined) {
    const [method = '', resource = ''] = details.route.split(' ');
    event.httpMethod = method;
    event.resource = resource;
  }
  for (const [header, value] of Object.entries(details.headers ?? {})) setHeader(event, header, value);
  if (details.query !== undefined) setQuery(event, details.query);
  if (details.path !== undefined) event.pathParameters = { ...details.path };
  if (details.body !== undefined) {
    event.body =
      typeof details.body === 'object' && details.body !== null ? JSON.stringify(details.body) : details.body;
  }
  if (details.base64 !== undefined) {
    event.body = Buffer.from(details.base64).toString('base64');
    event.isBase64Encoded = true;
  }
  if (details.sourceIp !== undefined) event.requestContext.identity.sourceIp = details.sourceIp;
  return event;
}

function setHeader(event: ApiEvent, header: string, value: string | undefined): void {
  for (const headers of [event.headers, event.multiValueHeaders]) {
    for (const name of Object.keys(headers ?? {})) {
      if (name.toLowerCase() === header.toLowerCase()) delete headers?.[name];
    }
  }
  if (value === undefined) return;
  event.headers = { ...event.headers, [header]: value };
  event.multiValueHeaders = { ...event.multiValueHeaders, [header]: [value] };
}

function setQuery(event: ApiEvent, query: Readonly<Record<string, string | string[]>>): void {
  const lists = Object.entries(query).map(([name, value]) => [name, [value].flat()] as const);
  event.multiValueQueryStringParameters = Object.fromEntries(lists.map(([name, list]) => [name, [...list]]));
  event.queryStringParameters = Object.fromEntries(lists.map(([name, list]) => [name, list.at(-1) ?? '']));
}
