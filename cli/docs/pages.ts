import { architectureDrawing } from './architecture-drawing.ts';
import { replaceBlock } from './marked-block.ts';
import { optionTable } from './option-table.ts';
import { readArchitecture } from './read-architecture.ts';
import { rightsTables } from './rights-tables.ts';
import { templateText } from './template-text.ts';

/** The files under docs with parts that are made from the code: what becomes of each. */
export const madePages: Readonly<Record<string, (page: string) => string>> = {
  'docs/operations.md': (page) => replaceBlock(page, 'options', optionTable()),
  'docs/rights.md': (page) => replaceBlock(page, 'rights', rightsTables(templateText())),
  'docs/architecture.svg': () => architectureDrawing(readArchitecture()),
};
