import { expect } from '@jest/globals';
import { operationOf } from './description.ts';
import type { ResponseBook } from './response-book.ts';

/** A call, independent of how it is sent. */
export interface Call {
  readonly query?: Readonly<Record<string, string>>;
  readonly path?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object that is sent as JSON, or text that is sent unchanged. */
  readonly body?: object | string;
  /** Omits the operator's signature on a signed route, or replaces it with a wrong one. */
  readonly signer?: 'nobody' | { readonly secretAccessKey: string };
}

/** A response that matched the description, with JSON bodies parsed. */
export interface Told {
  readonly status: number;
  /** The problem's code, or `undefined` if the response is not a problem. */
  readonly code: string | undefined;
  readonly location: string;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Sends a call to a machine. */
type Send = (route: string, call: Call) => Promise<Response>;

/**
 * Makes calls and checks every response against the description. If a browser could get the problem, the call is
 * repeated to get the problem as a page. A refusal spends no link, so the second response has the same status.
 *
 * @throws from `expect` if a response differs from the description
 */
export function createCaller(book: ResponseBook, send: Send) {
  const once = async (route: string, call: Call): Promise<Told> => {
    const response = await send(route, call);
    const text = await response.text();
    const { status, headers } = response;
    expect(book.judge(route, { status, headers, body: text })).toEqual([]);
    const isJson = /json$/.test(headers.get('content-type') ?? '') && text !== '';
    const json = isJson ? (JSON.parse(text) as Told['json']) : {};
    const code = status < 400 ? undefined : String(json.code);
    return { status, code, location: headers.get('location') ?? '', text, json };
  };

  return async (route: string, call: Call = {}): Promise<Told> => {
    const told = await once(route, call);
    const described = operationOf(route).responses.get(String(told.status));
    if (told.status >= 400 && described?.content['text/html'] !== undefined) {
      const page = await once(route, { ...call, headers: { ...call.headers, accept: 'text/html' } });
      expect([route, told.code, page.status]).toEqual([route, told.code, told.status]);
    }
    return told;
  };
}

export type Caller = ReturnType<typeof createCaller>;

/** Returns a call with the token where the route expects it. */
export function presenting(route: string, token: string): Call {
  return route.startsWith('GET ') ? { query: { token } } : { body: { token } };
}

/** Returns the path and the query of a route, with the parameters of a call filled in. */
export function addressOf(route: string, { path = {}, query = {} }: Call): string {
  const [, template = ''] = route.split(' ');
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));
  const search = new URLSearchParams(query).toString();
  return search === '' ? filled : `${filled}?${search}`;
}

export function textOf({ body }: Call): string | undefined {
  return typeof body === 'object' ? JSON.stringify(body) : body;
}
