/** What the service says in English, and the same in French; `{…}` stand for what changes, in both by the same names. */
export type Sentences = readonly (readonly [english: string, french: string])[];
