import type { Stamper } from '../domain/watermark.ts';

/** Stamps with the module that stands beside the bundle, and loads it for the first stamp. */
export const stamperOnDemand: Stamper = {
  async stamp(pdf, mark) {
    const beside = new URL('./stamper.mjs', import.meta.url).href;
    const { stamper } = (await import(beside)) as typeof import('./stamper.ts');
    return stamper.stamp(pdf, mark);
  },
};
