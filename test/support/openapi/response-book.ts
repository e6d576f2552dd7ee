import { codesIn, type Described, type Header, headersOn, operationOf, operations } from './description.ts';
import { complaints, complaintsOfClosed } from './validator.ts';

export interface RealResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

const PROBLEM = 'application/problem+json';

/** Distinguishes responses with the same status: `empty` without a body, the code of a problem, or the media type. */
type Kind = string;

const EMPTY: Kind = 'empty';

/** Headers of transfers and pages, which the document need not describe. */
const UNTOLD = new Set(
  ['content-length', ...Object.keys(headersOn.everyPage)].map((name) => name.toLowerCase()),
);

const TELLING = new Set(
  operations
    .flatMap(({ responses }) => [...responses.values()].flatMap(({ headers }) => Object.keys(headers)))
    .map((name) => name.toLowerCase())
    .filter((name) => !UNTOLD.has(name)),
);

/** Checks responses against the document, and records which described responses were seen. */
export class ResponseBook {
  readonly #met = new Set<string>();

  /**
   * Checks one response.
   *
   * @param route as in the document
   * @returns the differences from the document, one line each
   */
  judge(route: string, response: RealResponse): readonly string[] {
    // A status range describes API Gateway's own responses, not a function's.
    const described = operationOf(route).responses.get(String(response.status));
    if (described === undefined)
      return [`no response with status ${response.status} is described for ${route}`];
    const kind = kindOf(response);
    this.#met.add(key(route, String(response.status), kind));
    const wrong = [
      ...wrongHeaders(headersOn.everyResponse, response, { all: 'required' }),
      ...(kind === 'text/html' ? wrongHeaders(headersOn.everyPage, response, { all: 'required' }) : []),
      ...wrongHeaders(described.headers, response),
      ...undescribedHeaders(described, response),
      ...wrongBody(described, response),
    ];
    return wrong.map((line) => `${route} ${response.status} ${kind}: ${line}`);
  }

  /**
   * Returns the responses that the document describes but that were not seen, such as `GET /redeem 410 token_expired`. A
   * described `*\/*` stands for any media type.
   */
  unmet(): readonly string[] {
    return operations
      .flatMap(({ route, responses }) =>
        [...responses].flatMap(([status, response]) =>
          kindsOf(response).map((kind) => key(route, status, kind)),
        ),
      )
      .filter((expected) => !this.#met.has(expected) && !this.#metAnyType(expected));
  }

  #metAnyType(expected: string): boolean {
    const [start, any] = expected.split('*/*');
    return any === '' && [...this.#met].some((met) => met.startsWith(start ?? expected));
  }
}

const key = (route: string, status: string, kind: Kind): string => `${route} ${status} ${kind}`;

const mediaTypeOf = ({ headers }: RealResponse): string =>
  headers.get('content-type')?.split(';', 1)[0]?.trim() ?? '';

function kindOf(response: RealResponse): Kind {
  if (response.body === '') return EMPTY;
  const type = mediaTypeOf(response);
  return type === PROBLEM ? String((JSON.parse(response.body) as { readonly code?: unknown }).code) : type;
}

function kindsOf({ content }: Described): readonly Kind[] {
  const types = Object.entries(content);
  if (types.length === 0) return [EMPTY];
  return types.flatMap(([type, { schema }]) => (type === PROBLEM ? codesIn(schema) : [type]));
}

function wrongHeaders(
  described: Readonly<Record<string, Header>>,
  { headers }: RealResponse,
  { all }: { readonly all?: 'required' } = {},
): readonly string[] {
  return Object.entries(described).flatMap(([name, { required, schema }]) => {
    const text = headers.get(name);
    if (text === null) return required === true || all === 'required' ? [`${name} is missing`] : [];
    const isNumber = typeof schema === 'object' && schema.type === 'integer';
    const value = isNumber && /^\d+$/.test(text) ? Number(text) : text;
    return complaints(schema, value).map((line) => `${name}: ${line}`);
  });
}

function undescribedHeaders({ headers: described }: Described, { headers }: RealResponse): readonly string[] {
  const named = new Set(Object.keys(described).map((name) => name.toLowerCase()));
  return [...headers.keys()]
    .filter((name) => TELLING.has(name) && !named.has(name))
    .map((name) => `${name} is not described`);
}

function wrongBody({ content }: Described, response: RealResponse): readonly string[] {
  // API Gateway adds a media type even to an empty body.
  if (Object.keys(content).length === 0) return response.body === '' ? [] : ['the body is not described'];
  const type = mediaTypeOf(response);
  const described = content[type] ?? content['*/*'];
  if (described === undefined) return [`${type} is not described`];
  if (described.schema === undefined || !/json$/.test(type)) return [];
  const value: unknown = JSON.parse(response.body);
  return [...complaints(described.schema, value), ...complaintsOfClosed(described.schema, value)];
}
