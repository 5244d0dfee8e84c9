/** The data sheet of fields, for page and terminal. */
export {
  type ChannelSheet,
  type DataSheet,
  dataSheet,
  isForecast,
  type SampleOptions,
  type SheetMaps,
  type SheetReading,
} from '../../tasks/forecast/data-sheet.ts';
