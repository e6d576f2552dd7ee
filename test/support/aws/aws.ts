/*
 * Implements the three `aws apigateway` commands in docs/cloudshell.md, for machines without the AWS CLI. It signs
 * requests and reads `--body file://` like the CLI. Commands and queries that are not on that page are errors, so that
 * the page cannot show an untested command.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Endpoints } from '../../../bin/local/stack.ts';
import { signedCall } from '../../../laptop/test/support/signed-fetch.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    'rest-api-id': { type: 'string', default: '' },
    'resource-id': { type: 'string', default: '' },
    'http-method': { type: 'string', default: '' },
    body: { type: 'string' },
    query: { type: 'string', default: '' },
    output: { type: 'string', default: 'json' },
  },
});

interface Item {
  readonly id: string;
  readonly [key: string]: unknown;
}

const endpoints = JSON.parse(readFileSync(process.env.TVM_ENDPOINTS ?? '', 'utf8')) as Endpoints;
const call = async (method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> => {
  const response = await signedCall(
    endpoints,
    { service: 'apigateway', url: `${endpoints.apigateway}${path}` },
    method,
    body,
  );
  const output: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(output));
  return output;
};

/** Evaluates a query like `items[?name=='value'].id`. */
function idsOf(output: unknown): string {
  const [, key, value] = /^items\[\?(\w+)=='([^']+)'\]\.id$/.exec(values.query) ?? [];
  if (key === undefined)
    throw new Error(`Unsupported query, not used in docs/cloudshell.md: ${values.query}`);
  const { item } = output as { readonly item: readonly Item[] };
  return item
    .filter((each) => each[key] === value)
    .map(({ id }) => id)
    .join('\t');
}

/** Evaluates a query like `[status, headers.Location]`. */
function membersOf(output: unknown): string {
  const [, list] = /^\[([\w.]+(?:, [\w.]+)*)\]$/.exec(values.query) ?? [];
  if (list === undefined)
    throw new Error(`Unsupported query, not used in docs/cloudshell.md: ${values.query}`);
  const member = (path: string): unknown =>
    path
      .split('.')
      .reduce<unknown>((held, key) => (held as Record<string, unknown> | undefined)?.[key], output);
  return list
    .split(', ')
    .map((path) => String(member(path) ?? 'None'))
    .join('\t');
}

async function run(): Promise<string> {
  const api = `/restapis/${encodeURIComponent(values['rest-api-id'])}/resources`;
  switch (positionals.join(' ')) {
    case 'apigateway get-rest-apis':
      return idsOf(await call('GET', '/restapis'));
    case 'apigateway get-resources':
      return idsOf(await call('GET', api));
    case 'apigateway test-invoke-method': {
      const method = `${api}/${encodeURIComponent(values['resource-id'])}/methods/${values['http-method']}`;
      const file = /^file:\/\/(.+)$/.exec(values.body ?? '')?.[1];
      if (file === undefined)
        throw new Error('--body must be a file:// path, so that no token is on the command line.');
      return membersOf(await call('POST', method, { body: readFileSync(file, 'utf8') }));
    }
    default:
      throw new Error(`Unsupported command, not used in docs/cloudshell.md: ${positionals.join(' ')}`);
  }
}

if (values.output !== 'text') throw new Error('--output must be text, as on the page.');
process.stdout.write(`${await run()}\n`);
