import { expect } from '@jest/globals';
import type { AnswerBook } from './answer-book.ts';
import { operationOf } from './description.ts';

/** What a call says, whatever carries it. */
export interface Call {
  readonly query?: Readonly<Record<string, string>>;
  readonly path?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON; a text goes out as it is. */
  readonly body?: object | string;
  /** Who signs, where the route wants it, if not the operator: nobody, or somebody with another secret. */
  readonly signer?: 'nobody' | { readonly secretAccessKey: string };
}

/** A real answer that was as described, its body read as JSON where it is one. */
export interface Told {
  readonly status: number;
  /** The code of a problem, else undefined. */
  readonly code: string | undefined;
  readonly location: string;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Carries a call to a machine. */
type Send = (route: string, call: Call) => Promise<Response>;

/**
 * Makes calls, and holds every answer against the description. A problem that a person could meet is asked for as a
 * page as well: a refusal spends nothing, so the second answer is the same.
 *
 * @throws from `expect` for an answer that is not as described
 */
export function createCaller(book: AnswerBook, send: Send) {
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
    const described = operationOf(route).answers.get(String(told.status));
    if (told.status >= 400 && described?.content['text/html'] !== undefined) {
      const page = await once(route, { ...call, headers: { ...call.headers, accept: 'text/html' } });
      expect([route, told.code, page.status]).toEqual([route, told.code, told.status]);
    }
    return told;
  };
}

export type Caller = ReturnType<typeof createCaller>;

/** A token as each route takes it. */
export function presenting(route: string, token: string): Call {
  return route.startsWith('GET ') ? { query: { token } } : { body: { token } };
}

/** The address of a route: its path with the parameters filled in, and its query. */
export function addressOf(route: string, { path = {}, query = {} }: Call): string {
  const [, template = ''] = route.split(' ');
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));
  const search = new URLSearchParams(query).toString();
  return search === '' ? filled : `${filled}?${search}`;
}

/** The body of a call as it goes out. */
export function textOf({ body }: Call): string | undefined {
  return typeof body === 'object' ? JSON.stringify(body) : body;
}
