/** The measured forms of products, as they are kept in files: see `SessionApi.keptForms`. */
export { type FormsByAdapter, joinedByAdapter } from '../../train/measured-forms.ts';
export { readForms } from '../../train/read-forms.ts';
