import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { LANGUAGES } from '../../lambda/domain/language.ts';
import { createMintHandler } from '../../lambda/handlers/mint.ts';
import { createPagesHandler } from '../../lambda/handlers/pages.ts';
import { apiEvent } from '../../laptop/test/support/api-event.ts';
import {
  call,
  createHandlerWorld,
  type HandlerResponse,
  type HandlerWorld,
} from '../support/handler-world.ts';
import { faulty } from '../support/intercept.ts';
import { tags } from '../unit/views/reading.ts';

/*
 * Anyone can create a link to our form with any words as the file name. Until we know that the file exists, its name
 * appears only in an input field, where it does not look like a statement of ours.
 */

const WORDS = 'Your account is locked, call +1 555 0100';

let world: HandlerWorld;

beforeEach(() => {
  world = createHandlerWorld();
});

function request(fields: Readonly<Record<string, string>>, changed: Partial<HandlerWorld> = {}) {
  const body = { email: 'ada@example.org', asset: WORDS, ...fields };
  const event = apiEvent('post-token-json', { body, headers: { Accept: 'text/html' } });
  return call(createMintHandler({ ...world, ...changed }), event);
}

/** Returns the title and text of a page, without tags and their attributes. */
const shown = (page: string) => page.replace(/<[^>]*>/g, ' ');

const filesDown = () =>
  faulty(world.files, 'head', { lose: 'request', error: new Unavailable('files', undefined) });

const pages: readonly (readonly [string, number, () => Promise<HandlerResponse>])[] = [
  ['an invalid address', 400, () => request({ email: 'nobody' })],
  ['a disposable address', 400, () => request({ email: 'ada@mailinator.com' })],
  ['a missing file', 404, () => request({})],
  ['an invalid file name', 400, () => request({ asset: `../${WORDS}` })],
  ['a service that is down', 503, () => request({}, { files: filesDown() })],
  ['a source over its rate limit', 429, () => request({}, { limits: { ...world.limits, sourcePerHour: 0 } })],
];

describe('a file name from the request', () => {
  test.each(LANGUAGES)(
    'a file name from the query appears only in its field of the form, in "%s"',
    async (language) => {
      const headers = { Accept: 'text/html', 'Accept-Language': language };
      const event = apiEvent('get-form', { query: { asset: WORDS }, headers });
      const { body, status } = await call(createPagesHandler(world), event);
      expect(status).toBe(200);
      expect(body.split(WORDS).length - 1).toBe(1);
      const [field] = tags(body, 'input').filter(({ value }) => value === WORDS);
      expect(field).toMatchObject({ type: 'text', name: 'asset' });
      expect(shown(body)).not.toContain('account');
    },
  );

  test.each(pages)(
    'the page about %s does not show the file name from the request',
    async (_what, status, getPage) => {
      const response = await getPage();
      expect(response.status).toBe(status);
      expect(response.headers['Content-Type']).toContain('text/html');
      expect(shown(response.body)).not.toContain('account');
    },
  );
});
