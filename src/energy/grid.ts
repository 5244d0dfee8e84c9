/** What a kilowatt-hour emits where it is made, in g of CO2 equivalent. Anyone who knows theirs types it in. */

export interface Grid {
  readonly place: string;
  readonly gramsPerKwh: number;
  readonly source: string;
}

const ourWorldInData =
  'Our World in Data for 2023, as https://github.com/mlco2/codecarbon has it (global_energy_mix.json)';

export const grids: readonly Grid[] = [
  {
    place: 'World',
    gramsPerKwh: 475,
    source: 'https://www.iea.org/reports/global-energy-co2-status-report-2019/emissions',
  },
  { place: 'Australia', gramsPerKwh: 549, source: ourWorldInData },
  { place: 'Brazil', gramsPerKwh: 98, source: ourWorldInData },
  { place: 'Canada', gramsPerKwh: 170, source: ourWorldInData },
  { place: 'China', gramsPerKwh: 582, source: ourWorldInData },
  { place: 'France', gramsPerKwh: 56, source: ourWorldInData },
  { place: 'Germany', gramsPerKwh: 381, source: ourWorldInData },
  { place: 'India', gramsPerKwh: 713, source: ourWorldInData },
  { place: 'Japan', gramsPerKwh: 485, source: ourWorldInData },
  { place: 'Norway', gramsPerKwh: 30, source: ourWorldInData },
  { place: 'Poland', gramsPerKwh: 662, source: ourWorldInData },
  { place: 'South Africa', gramsPerKwh: 708, source: ourWorldInData },
  { place: 'Sweden', gramsPerKwh: 41, source: ourWorldInData },
  { place: 'Switzerland', gramsPerKwh: 35, source: ourWorldInData },
  { place: 'United Kingdom', gramsPerKwh: 238, source: ourWorldInData },
  { place: 'United States', gramsPerKwh: 369, source: ourWorldInData },
];

/** Where nobody has said where: the world's mean, which is what is said then. */
export const worldGrid = grids[0];
