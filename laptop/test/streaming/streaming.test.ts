import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readApi } from '../../src/api/read-api.ts';
import { openStackModel } from '../../src/template/stack-model.ts';
import { parseTemplate } from '../../src/template/template.ts';
import { smallApiTemplate } from '../support/small-api.ts';
import { readBody, streamedApis } from '../support/streamed-api.ts';

const { start, stop } = streamedApis();
afterEach(stop);

/** Returns the source of a function that writes this metadata, and then runs `body`. */
const answering = (metadata: unknown, body: string): string =>
  `export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
     const stream = awslambda.HttpResponseStream.from(responseStream, ${JSON.stringify(metadata)});
     ${body}
   });`;
const HELLO = "stream.write('hello'); stream.end();";
const INTERNAL = '{"message":"Internal server error"}';

describe('a streamed response', () => {
  test('a streamed response arrives unchanged, wherever the function splits it', async () => {
    const running = await start(
      `import { createHash } from 'node:crypto';
       ${answering(
         { statusCode: 200, headers: { 'Content-Type': 'application/pdf' } },
         `const whole = Buffer.alloc(5_000_011);
          for (let at = 0; at < whole.length; at += 1) whole[at] = (at * 2654435761) >>> 24;
          const reused = Buffer.alloc(300_000);
          for (let at = 0, turn = 0; at < whole.length; turn += 1) {
            const length = Math.min([1, 0, 7, 65535, 65536, 65537, 262144, 300000][turn % 8], whole.length - at);
            whole.copy(reused, 0, at, at + length);
            await new Promise((taken) => stream.write(reused.subarray(0, length), taken));
            at += length;
          }
          report(createHash('sha256').update(whole).digest('hex'));
          stream.end();`,
       )}`,
    );
    const { status, headers, body } = await running.send();
    await running.reported(createHash('sha256').update(body).digest('hex'));
    expect([status, headers['content-type'], body.length]).toEqual([200, 'application/pdf', 5_000_011]);
  });

  test('the status and headers of a streamed response are sent before its body', async () => {
    const running = await start(
      answering(
        { statusCode: 202, headers: { 'X-Early': 'yes' } },
        // The function sends no body, and returns once the client has disconnected.
        "stream.write(''); await new Promise((left) => stream.once('close', left));",
      ),
    );
    const response = await running.open();
    expect([response.statusCode, response.headers['x-early']]).toEqual([202, 'yes']);
    response.destroy();
  });

  test("a streamed response has the function's headers and cookies, and the gateway's headers", async () => {
    const running = await start(
      answering(
        {
          statusCode: 201,
          headers: { Location: '/here', 'X-One': 'dropped', Server: 'mine', Connection: 'close' },
          multiValueHeaders: { 'X-Many': ['a', 'b'], 'x-one': ['1'] },
          cookies: ['a=1; HttpOnly', 'b=2'],
        },
        HELLO,
      ),
    );
    const { status, headers } = await running.send();
    expect(status).toBe(201);
    expect(headers).toMatchObject({
      location: '/here',
      'x-one': '1',
      'x-many': 'a, b',
      'set-cookie': ['a=1; HttpOnly', 'b=2'],
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
      'x-amzn-remapped-server': 'mine',
      'x-amzn-remapped-connection': 'close',
      'x-amzn-requestid': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-amz-apigw-id': expect.anything(),
      'x-amzn-trace-id': expect.stringMatching(/^Root=/),
    });
  });

  test("a streamed response has the function's Content-Length and is not chunked", async () => {
    const running = await start(answering({ headers: { 'Content-Length': '5' } }, HELLO));
    const { headers, body } = await running.send();
    expect([headers['content-length'], headers['transfer-encoding']]).toEqual(['5', undefined]);
    expect(body.toString()).toBe('hello');
  });

  test.each([
    ['longer', '4'],
    ['shorter', '6'],
  ])('the connection is reset if a response is %s than its Content-Length', async (_name, length) => {
    const running = await start(answering({ headers: { 'Content-Length': length } }, HELLO));
    const response = await running.open();
    expect((await readBody(response)).complete).toBe(false);
  });

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('a streamed response to %s with status %d has no body', async (method, statusCode) => {
    const running = await start(answering({ statusCode, headers: { 'X-Here': 'yes' } }, HELLO));
    const { status, headers, body } = await running.send(method);
    expect([status, headers['x-here'], body.length]).toEqual([statusCode, 'yes', 0]);
  });

  test('a function can write metadata, eight NUL bytes, and a body without HttpResponseStream', async () => {
    const running = await start(
      `export const handler = awslambda.streamifyResponse(async (event, stream) => {
         stream.setContentType('application/vnd.awslambda.http-integration-response');
         for (const part of ['{"statusCode":', '418}', '\\0\\0\\0', '\\0\\0\\0\\0', '\\0\\0b', 'ody']) stream.write(part);
         stream.end();
       });`,
    );
    const { status, body } = await running.send();
    expect([status, body]).toEqual([418, Buffer.from('\0body')]);
  });

  test('a streamed response can have 16 KB of metadata, including the delimiter', async () => {
    const running = await start(
      `export const handler = awslambda.streamifyResponse(async (event, stream) => {
         stream.write('{}'.padEnd(event.queryStringParameters.length) + '\\0'.repeat(8) + 'body');
         stream.end();
       });`,
    );
    const fits = await running.send('GET', `?length=${16 * 1024 - 8}`);
    expect([fits.status, fits.body.toString()]).toEqual([200, 'body']);
    const long = await running.send('GET', `?length=${16 * 1024 - 7}`);
    expect([long.status, long.body.toString()]).toEqual([500, INTERNAL]);
  });
});

describe('a response without valid metadata', () => {
  const streaming = (body: string): string =>
    `export const handler = awslambda.streamifyResponse(async (event, stream) => { ${body} });`;

  test.each([
    ['a function that throws immediately', streaming("throw new Error('secret');")],
    ['a function that ends without writing', streaming('stream.end();')],
    ['a body passed to end() without a write()', answering({ statusCode: 200 }, "stream.end('body');")],
    ['a body without metadata', streaming("stream.write('just text'); stream.end();")],
    ['metadata that is not JSON', streaming("stream.write('{status:200}' + '\\0'.repeat(8)); stream.end();")],
    ['an unknown field', answering({ statusCode: 200, body: 'x' }, HELLO)],
    ['a header with a line break', answering({ headers: { Location: 'a\r\nb: c' } }, HELLO)],
    ['a cookie with a line break', answering({ cookies: ['a\r\nb: c'] }, HELLO)],
    ['an invalid length', answering({ headers: { 'content-length': 'long' } }, HELLO)],
    [
      'a handler that does not return a promise',
      'export const handler = awslambda.streamifyResponse(() => {});',
    ],
    [
      'a function that does not stream',
      "export const handler = async () => ({ statusCode: 200, body: 'x' });",
    ],
  ])('%s leads to 500', async (_name, source) => {
    const running = await start(source);
    const { status, headers, body } = await running.send();
    expect([status, body.toString()]).toEqual([500, INTERNAL]);
    expect(headers['x-amzn-requestid']).toBeDefined();
  });

  test('the 500 response is formatted as the template specifies', async () => {
    const DEFAULT_5XX = { StatusCode: '503', ResponseTemplates: { 'text/plain': '$context.requestId' } };
    const running = await start(streaming('stream.end();'), {
      gateway: { gatewayResponses: { DEFAULT_5XX } },
    });
    expect((await running.send()).status).toBe(503);
  });
});

test('the response of a streaming function on a buffered route has no body', async () => {
  const metadata = { statusCode: 201, headers: { 'X-Here': 'yes', 'Content-Length': '5' }, cookies: ['a=1'] };
  const running = await start(answering(metadata, HELLO), { mode: 'BUFFERED' });
  const { status, headers, body } = await running.send();
  expect([status, body.length]).toEqual([201, 0]);
  expect(headers).toMatchObject({ 'x-here': 'yes', 'content-length': '0', 'set-cookie': ['a=1'] });
});

describe('streaming settings in the template', () => {
  const templateOf = (mode: 'BUFFERED' | 'STREAM', timeoutInMillis: number): string =>
    JSON.stringify(smallApiTemplate({ routes: [['GET', '/file', 'NONE', mode]], timeoutInMillis }));
  const routesOf = (template: string) => {
    const place = { region: 'us-east-1', accountId: '1', stackName: 'Small', queueUrl: () => '' };
    return readApi(openStackModel(parseTemplate(JSON.parse(template)), place)).routes;
  };

  test('routes have the transfer modes and timeouts that the template sets', () => {
    const functionArn = expect.stringMatching(/^arn:aws:lambda:.*:echo$/);
    expect(routesOf(templateOf('STREAM', 900_000))).toMatchObject([
      { responseTransferMode: 'stream', timeoutMs: 900_000, functionArn },
    ]);
    expect(routesOf(templateOf('BUFFERED', 29_000))).toMatchObject([
      { responseTransferMode: 'buffered', timeoutMs: 29_000, functionArn },
    ]);
  });

  test('a streaming timeout of more than 15 minutes is rejected', () => {
    expect(() => routesOf(templateOf('STREAM', 900_001))).toThrow(
      'Method0 has a timeout of more than 15 minutes',
    );
  });

  test.each([
    ['STREAM', 'BUFFERED'],
    ['BUFFERED', 'STREAM'],
  ] as const)('a method is rejected if its URI is for mode %s, but its mode is %s', (invokes, responses) => {
    const mixed = templateOf(invokes, 29_000).replace(`Mode":"${invokes}"`, `Mode":"${responses}"`);
    expect(() => routesOf(mixed)).toThrow(`Method0 has the transfer mode ${responses}`);
  });
});
