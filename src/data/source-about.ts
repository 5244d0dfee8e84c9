/** What a source says of how it is stored, for people: nothing is trained by it. */
export interface SourceAbout {
  readonly source: string;
  /** Such as `NetCDF-4 (HDF5)`. */
  readonly format: string;
  /** What of it is no field, and why. */
  readonly leftOut: readonly LeftOut[];
  /** The variables that are read. */
  readonly storage: readonly StoredVariable[];
}

export interface LeftOut {
  readonly name: string;
  readonly why: string;
}

export interface StoredVariable {
  readonly name: string;
  readonly dimensions: readonly string[];
  readonly shape: readonly number[];
  /** Before compression. */
  readonly bytes: number;
  /** Of what is packed together, where it is stored so. */
  readonly chunks?: readonly number[];
}
