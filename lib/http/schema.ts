/** What a value of JSON, a parameter or a text can be: JSON Schema 2020-12, as far as the API needs it. */
export interface Shape {
  /** This schema as well: the others of its words stand beside it. */
  readonly $ref?: NamedSchema;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly const?: string | number | boolean;
  readonly default?: string | number | boolean;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  /** In characters, as JSON Schema counts. */
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

/** A shape that stands once in the document, under a name, and is referred to from everywhere else. */
export class NamedSchema {
  readonly name: string;
  readonly shape: Shape;

  constructor(name: string, shape: Shape) {
    this.name = name;
    this.shape = shape;
  }
}

export type Schema = Shape | NamedSchema;

/** An object with members that it always has, and others that it may have. */
export function object(members: Readonly<Record<string, Schema>>, optional: Readonly<Record<string, Schema>> = {}): Shape {
  return { type: 'object', properties: { ...members, ...optional }, required: Object.keys(members) };
}

export function arrayOf(items: Schema): Shape {
  return { type: 'array', items };
}

/** A schema where it means something in particular. */
export function described(schema: Schema, description: string): Shape {
  return schema instanceof NamedSchema ? { $ref: schema, description } : { ...schema, description };
}
