/** Forecast scores: RMSE, ACC and bias by channel and lead time, beside persistence and climatology. */

/** Scores of one channel at one lead time, over all forecasts scored, in the channel's units. */
export interface SkillRow {
  readonly channel: string;
  readonly units: string;
  readonly leadHours: number;
  /** Root of the time mean of the area-weighted mean squared error (WeatherBench2 area weights). */
  readonly rmse: number;
  /** The same with cos(latitude) / mean(cos(latitude)) weights. */
  readonly rmseCos: number;
  /** Area-weighted mean of forecast minus truth. */
  readonly bias: number;
  /** Time mean of the area-weighted anomaly correlation. */
  readonly acc: number;
  /** `rmse` and `rmseCos` of the newest input field as the forecast. */
  readonly persistence: number;
  readonly persistenceCos: number;
  /** `rmse` and `rmseCos` of the climatology as the forecast. */
  readonly climatology: number;
  readonly climatologyCos: number;
}
