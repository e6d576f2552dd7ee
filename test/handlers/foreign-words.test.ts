import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { createMintHandler } from '../../lambda/handlers/mint.ts';
import { createPagesHandler } from '../../lambda/handlers/pages.ts';
import { apiEvent } from '../../laptop/test/support/api-event.ts';
import { type Answer, call, createHandlerWorld, type HandlerWorld } from '../support/handler-world.ts';
import { faulty } from '../support/intercept.ts';
import { tags } from '../unit/views/reading.ts';

/*
 * Anyone can make a link to our pages with a file's name of their own words in it. Until the file is known to exist, its
 * name stands where people see that it is only filled in: in an input field.
 */

const WORDS = 'Your account is locked, call +1 555 0100';

let world: HandlerWorld;

beforeEach(() => {
  world = createHandlerWorld();
});

function ask(fields: Readonly<Record<string, string>>, changed: Partial<HandlerWorld> = {}) {
  const body = { email: 'ada@example.org', asset: WORDS, ...fields };
  const event = apiEvent('post-token-json', { body, headers: { Accept: 'text/html' } });
  return call(createMintHandler({ ...world, ...changed }), event);
}

/** What a page shows: its title and text, without what only its tags hold. */
const shown = (page: string) => page.replace(/<[^>]*>/g, ' ');

const filesDown = () =>
  faulty(world.files, 'head', { lose: 'request', error: new Unavailable('files', undefined) });

const pages: readonly (readonly [string, number, () => Promise<Answer>])[] = [
  ['an address that is not valid', 400, () => ask({ email: 'nobody' })],
  ['a throw-away address', 400, () => ask({ email: 'ada@mailinator.com' })],
  ['a file that does not exist', 404, () => ask({})],
  ['a file name that is not valid', 400, () => ask({ asset: `../${WORDS}` })],
  ['a service that is down', 503, () => ask({}, { files: filesDown() })],
  ['a source that asks too often', 429, () => ask({}, { limits: { ...world.limits, sourcePerHour: 0 } })],
];

describe('a name that came with a request', () => {
  test.each(['en', 'de', 'fr'])('stands in a field of the form and nowhere else, in %s', async (language) => {
    const headers = { Accept: 'text/html', 'Accept-Language': language };
    const event = apiEvent('get-form', { query: { asset: WORDS }, headers });
    const { body, status } = await call(createPagesHandler(world), event);
    expect(status).toBe(200);
    expect(body.split(WORDS).length - 1).toBe(1);
    const [field] = tags(body, 'input').filter(({ value }) => value === WORDS);
    expect(field).toMatchObject({ type: 'text', name: 'asset' });
    expect(shown(body)).not.toContain('account');
  });

  test.each(pages)('is not shown by the page about %s', async (_what, status, request) => {
    const answer = await request();
    expect(answer.status).toBe(status);
    expect(answer.headers['Content-Type']).toContain('text/html');
    expect(shown(answer.body)).not.toContain('account');
  });
});
