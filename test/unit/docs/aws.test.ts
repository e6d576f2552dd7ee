import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { projectRoot, read, section, tables } from './markdown.ts';

const page = read('docs/aws.md');
const unknown = section(page, '## Unknown');
const facts = tables(page.replace(unknown, '')).flat();

describe('docs/aws.md', () => {
  test('names a source and a place in this project for every fact', () => {
    expect(facts.length).toBeGreaterThan(0);
    expect(facts.filter((row) => row.length !== 3 || row.includes(''))).toEqual([]);
  });

  test('names only files that exist', () => {
    const named = [...page.matchAll(/`((?:cli|lambda|lib|test)\/[\w./-]+)`/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(facts.length / 2);
    expect(named.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
  });

  test('gives a command for every open question', () => {
    const [questions = []] = tables(unknown);
    expect(questions.length).toBeGreaterThan(0);
    expect(questions.filter((row) => row.length !== 4 || row.includes(''))).toEqual([]);
  });

  test('has at most 100 facts', () => {
    expect(facts.length).toBeLessThanOrEqual(100);
  });
});
