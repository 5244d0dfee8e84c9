/** The measured forms of products, as they are kept in files: see `SessionApi.keptForms`. */
export { type FormsByAdapter, joinedByAdapter, readForms } from '../../train/measured-forms.ts';
