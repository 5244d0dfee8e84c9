/** The data sheet of fields, for page and terminal. */
export {
  type ChannelSheet,
  type DataSheet,
  dataSheet,
  isForecast,
} from '../../tasks/forecast/data-sheet.ts';
