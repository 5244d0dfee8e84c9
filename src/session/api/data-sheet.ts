/** The data sheet of fields, for page and terminal. */
export {
  type ChannelSheet,
  type DataSheet,
  dataSheet,
  type SheetMaps,
  type SheetReading,
} from '../../tasks/forecast/data-sheet.ts';
export { isForecast } from '../../tasks/forecast/sample-options.ts';
