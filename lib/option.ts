/** One option: where it comes from, what it is when nobody says, and how its text is read. */
export interface Option<T> {
  readonly flag: string;
  /** What stands for the value in --help. */
  readonly placeholder: string;
  readonly variable: string;
  /** In the same form as it would be given. */
  readonly default: string;
  /** For the table of options where the default depends on the machine, or is nothing. */
  readonly defaultNote?: string;
  readonly meaning: string;
  /** It can be given more than once. The texts are joined by commas, as the variable has them. */
  readonly isRepeatable?: true;
  /** It can be given without a value, which means `true`. */
  readonly isFlag?: true;
  /** @throws RangeError saying what it must be. */
  readonly read: (text: string) => T;
}
