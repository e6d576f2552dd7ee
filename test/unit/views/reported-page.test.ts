import { describe, expect, test } from '@jest/globals';
import { reportedPage } from '../../../lambda/views/reported-page.ts';
import { origin } from './examples.ts';
import { links, textOf } from './reading.ts';

describe('the page that is shown after a report', () => {
  test('the page after a report says what was done, what to do now, and where to get a new link', () => {
    const page = reportedPage({ origin });
    expect(textOf(page)).toContain('Your report is on record for the owner of the file');
    expect(textOf(page)).toContain('What you can do now');
    expect(links(page)).toEqual([{ href: `${origin}/`, words: 'Ask for a new link' }]);
  });
});
