/** The words of the plan view. */
export const words = {
  title: 'A step on machines that are not here',
  intro:
    'The plan that would run, on GPUs and links of the table: how long a step takes, what it costs, what a rank holds, how more copies scale, and which mesh of as many GPUs is best.',
  model: 'Model',
  mesh: 'Cut, rows x columns',
  copies: 'Copies',
  gpu: 'GPU',
  link: 'Links',
  precision: 'Products in',
  working: 'The plan is being worked out.',
  curve: 'Efficiency of more copies, in percent, by the number of GPUs',
  efficiency: 'efficiency',
  unit: '%',
  gpus: 'GPUs',
  noMesh: (text: string) => `"${text}" is no cut: write rows x columns, such as 2x2.`,
  links: {
    nvlink: 'NVLink in hosts of four, InfiniBand between',
    infiniband: 'InfiniBand',
    'ethernet-10g': 'Ethernet, 10 Gb/s',
    lan: 'browsers on a cable',
    wifi: 'browsers on Wi-Fi',
  } as Readonly<Record<string, string>>,
} as const;
