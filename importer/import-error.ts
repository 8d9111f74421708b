/** Something the person at the keyboard can do something about: said in words, without a stack. */
export class ImportError extends Error {
  override readonly name = 'ImportError';

  constructor(
    message: string,
    /** One sentence that says what to do. */
    readonly hint: string,
  ) {
    super(message);
  }
}
