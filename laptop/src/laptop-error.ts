/**
 * Reports a failure that the user can mend, in a sentence that says what to do. It is shown as it is. Any other error is a
 * defect.
 */
export class LaptopError extends Error {
  override readonly name = 'LaptopError';
}
