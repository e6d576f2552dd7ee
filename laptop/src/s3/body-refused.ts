import type { S3Failure } from './failures.ts';

/** Carries a failure out of a stream, which cannot return it. The code that starts the stream catches this error. */
export class BodyRefused extends Error {
  readonly failure: S3Failure;

  constructor(failure: S3Failure) {
    super(failure.message);
    this.failure = failure;
  }
}
