/** What a file or a store says of a variable beside its values. */

/** Text attributes are strings; numeric ones arrays, even of one value. */
export type Attributes = ReadonlyMap<string, string | ArrayLike<number>>;

/** A text attribute, or '' where there is none or it is a number. */
export function textAttribute(attributes: Attributes, name: string): string {
  const value = attributes.get(name);
  return typeof value === 'string' ? value : '';
}

/** The first value of a numeric attribute. */
export function numberAttribute(attributes: Attributes, name: string): number | undefined {
  const value = attributes.get(name);
  return typeof value === 'string' ? undefined : value?.[0];
}
