/**
 * What GPUs take and do, one a line. `gpu-rows.ts` reads it; docs/energy.md says how it is used.
 *
 * A figure ends with a letter that says where it is from (`sources`). `recognised by`: words as they stand in a driver's
 * name for the GPU, next to each other; `+ word` must be there too, anywhere; `;` separates other ways to write it.
 *
 * | column | |
 * |---|---|
 * | W | what it takes at most for long: of a card the board's power, of a chip that has processor and GPU the package's |
 * | idle | W with a picture on the screen and nothing to compute |
 * | f32, f16 | peak rates of its ordinary units in TFLOP/s, without tensor or matrix units, which WGSL has no word for |
 * | GB/s | to its memory; chips share that with the processor |
 * | sure | of W. `board`: the maker's rating of a card. `range`: laptops share the name, or the builder of the machine sets it, or no page was read. `package`: the rating of the whole chip. `guess`: no figure was found for the GPU itself |
 */

/** Where figures are from. All of these addresses were read in a stored copy. */
export const sources = {
  n: 'https://github.com/huggingface/huggingface.js/blob/main/packages/tasks/src/hardware-nvidia.ts',
  a: 'https://github.com/huggingface/huggingface.js/blob/main/packages/tasks/src/hardware-amd.ts',
  s: 'https://github.com/huggingface/huggingface.js/blob/main/packages/tasks/src/hardware.ts',
  m: 'https://github.com/mlco2/impact/blob/master/data/gpus.csv',
  c: 'https://github.com/cloud-carbon-footprint/cloud-carbon-footprint/blob/trunk/packages/gcp/src/domain/GcpFootprintEstimationConstants.ts',
  t: 'https://gist.github.com/Fuwn/7e5d286b08ff801e86d57a138e90d710',
  i: 'https://nationalpcbuilder.com/rtx-4070-power-consumption-how-much-power-does-the-rtx-4070-use/',
  x: 'https://nationalpcbuilder.com/rx-7900-xtx-power-consumption-how-much-power-does-the-rx-7900-xtx-use/',
  y: 'https://mytour.vn/en/blog/bai-viet/how-do-graphics-cards-consume-power.html',
  b: 'https://fpsbench.com/compare/gpu/intel-iris-xe-max-graphics-vs-intel-uhd-graphics-p630',
  q: 'https://sysrqmts.com/gpus/compare/intel-iris-xe-graphics-g7-96eu-vs-intel-uhd-graphics-p630',
  k: 'https://goodnewsapodcast.com/apples-m4-m4-pro-and-m4-max-compared-to-past-generations-and-to-each-other',
  g: 'https://blog.gearbest.ma/apple-m4-max-memory-bandwidth-exceeds-500gb-s-the-first-time-for-a-non-ultra-version',
  o: 'https://www.somagnews.com/from-the-m1-to-the-m1-ultra-see-the-specifications-of-apples-chips/',
  d: 'https://fridayswithfaraday.com/posts/gpu-hw-gpu-power-efficiency-perf-per-watt',
  /** Read by those who set the project's task in two public listings that agree; the pages were not kept. */
  l: 'public listings',
  /** From general knowledge, or computed from what is here (half of f16, twice f32); no page was read. */
  e: 'estimate',
} as const;

export const nvidiaCards = `
name               | recognised by             | kind    | generation | W    | idle | f32    | f16    | GB/s  | sure
GeForce GTX 1050 Ti | gtx 1050 ti              | desktop | pascal     | 75n  | 5e   | 2.1n   | 0.03e  | 112e  | range
GeForce GTX 1060   | gtx 1060                  | desktop | pascal     | 120n | 5y   | 4.4l   | 0.07e  | 192l  | range
GeForce GTX 1070   | gtx 1070                  | desktop | pascal     | 150n | 6e   | 6.5n   | 0.1e   | 256e  | range
GeForce GTX 1070 Ti | gtx 1070 ti              | desktop | pascal     | 180n | 6e   | 8.2n   | 0.13e  | 256e  | board
GeForce GTX 1080   | gtx 1080                  | desktop | pascal     | 180n | 7e   | 8.9n   | 0.13m  | 320e  | range
GeForce GTX 1080 Ti | gtx 1080 ti              | desktop | pascal     | 250n | 9e   | 11.3l  | 0.17m  | 484l  | board
GeForce GTX 1650   | gtx 1650                  | desktop | turing     | 75l  | 5e   | 3l     | 6e     | 128l  | range
GeForce GTX 1660   | gtx 1660                  | desktop | turing     | 120n | 7e   | 5e     | 10n    | 192e  | board
GeForce GTX 1660 Super | gtx 1660 super        | desktop | turing     | 125e | 7e   | 5e     | 10e    | 336e  | range
GeForce GTX 1660 Ti | gtx 1660 ti              | desktop | turing     | 120t | 7e   | 5.4e   | 10.9e  | 288e  | range
GeForce RTX 2060   | rtx 2060                  | desktop | turing     | 160l | 9e   | 6.5l   | 12.9n  | 336l  | range
GeForce RTX 2060 Super | rtx 2060 super        | desktop | turing     | 175t | 9e   | 7.2e   | 14.4e  | 448e  | board
GeForce RTX 2070   | rtx 2070                  | desktop | turing     | 175n | 10e  | 7.5e   | 14.9n  | 448e  | range
GeForce RTX 2070 Super | rtx 2070 super        | desktop | turing     | 215n | 10e  | 9.1e   | 18.1n  | 448e  | range
GeForce RTX 2080   | rtx 2080                  | desktop | turing     | 215n | 12e  | 10m    | 20.1n  | 448e  | range
GeForce RTX 2080 Super | rtx 2080 super        | desktop | turing     | 250t | 12e  | 11.2e  | 22.3e  | 496e  | range
GeForce RTX 2080 Ti | rtx 2080 ti              | desktop | turing     | 250l | 14e  | 13.5l  | 26.9n  | 616l  | board
Titan RTX          | titan rtx                 | desktop | turing     | 280n | 14e  | 16.3m  | 32.6n  | 672e  | board
GeForce RTX 3050   | rtx 3050                  | desktop | ampere     | 130l | 9e   | 9.1l   | 9.1e   | 224l  | board
GeForce RTX 3060   | rtx 3060                  | desktop | ampere     | 170l | 13e  | 12.7l  | 12.7n  | 360l  | board
GeForce RTX 3060 Ti | rtx 3060 ti              | desktop | ampere     | 200l | 13e  | 16.2l  | 16.2n  | 448l  | board
GeForce RTX 3070   | rtx 3070                  | desktop | ampere     | 220l | 13e  | 20.3l  | 20.3n  | 448l  | board
GeForce RTX 3070 Ti | rtx 3070 ti              | desktop | ampere     | 290n | 14e  | 21.8n  | 21.8n  | 608e  | board
GeForce RTX 3080   | rtx 3080                  | desktop | ampere     | 320l | 15y  | 29.8l  | 29.8m  | 760l  | board
GeForce RTX 3080 Ti | rtx 3080 ti              | desktop | ampere     | 350n | 17e  | 34.1n  | 34.1n  | 912e  | board
GeForce RTX 3090   | rtx 3090                  | desktop | ampere     | 350l | 20e  | 35.6l  | 35.6n  | 936l  | board
GeForce RTX 3090 Ti | rtx 3090 ti              | desktop | ampere     | 450n | 23e  | 40n    | 40n    | 1008e | board
GeForce RTX 4060   | rtx 4060                  | desktop | lovelace   | 115l | 9e   | 15.1l  | 15.1n  | 272l  | board
GeForce RTX 4060 Ti | rtx 4060 ti              | desktop | lovelace   | 160l | 10e  | 22.1l  | 22.1n  | 288l  | board
GeForce RTX 4070   | rtx 4070                  | desktop | lovelace   | 200l | 12i  | 29.2l  | 29.2n  | 504l  | board
GeForce RTX 4070 Super | rtx 4070 super        | desktop | lovelace   | 220n | 12e  | 35.5n  | 35.5n  | 504e  | board
GeForce RTX 4070 Ti | rtx 4070 ti              | desktop | lovelace   | 285l | 12e  | 40.1l  | 40.1n  | 504l  | board
GeForce RTX 4070 Ti Super | rtx 4070 ti super  | desktop | lovelace   | 285n | 13e  | 44.1n  | 44.1n  | 672e  | board
GeForce RTX 4080   | rtx 4080                  | desktop | lovelace   | 320l | 13e  | 48.7l  | 48.7n  | 717l  | board
GeForce RTX 4080 Super | rtx 4080 super        | desktop | lovelace   | 320n | 13e  | 52.2n  | 52.2n  | 736e  | board
GeForce RTX 4090   | rtx 4090                  | desktop | lovelace   | 450l | 20e  | 82.6l  | 82.6n  | 1010l | board
GeForce RTX 5050   | rtx 5050                  | desktop | blackwell  | 130n | 9e   | 13.2n  | 13.2n  | 320e  | board
GeForce RTX 5060   | rtx 5060                  | desktop | blackwell  | 145l | 11e  | 19.2l  | 19.2n  | 448l  | board
GeForce RTX 5060 Ti | rtx 5060 ti              | desktop | blackwell  | 180n | 11e  | 23.7n  | 23.7n  | 448e  | board
GeForce RTX 5070   | rtx 5070                  | desktop | blackwell  | 250l | 14e  | 30.9l  | 30.8n  | 672l  | board
GeForce RTX 5070 Ti | rtx 5070 ti              | desktop | blackwell  | 300n | 15e  | 43.9n  | 43.9n  | 896e  | board
GeForce RTX 5080   | rtx 5080                  | desktop | blackwell  | 360l | 16e  | 56.3l  | 56.3n  | 960l  | board
GeForce RTX 5090   | rtx 5090                  | desktop | blackwell  | 575l | 28e  | 104.8l | 104.8n | 1790l | board
RTX A2000          | rtx a2000                 | desktop | ampere     | 70n  | 7e   | 8n     | 8n     | 288e  | board
RTX A4000          | rtx a4000                 | desktop | ampere     | 140n | 12e  | 19.2n  | 19.2n  | 448e  | board
RTX A5000          | rtx a5000                 | desktop | ampere     | 230n | 16e  | 27.8n  | 27.8n  | 768e  | board
RTX A6000          | rtx a6000                 | desktop | ampere     | 300n | 20e  | 38.7n  | 38.7n  | 768e  | board
RTX 2000 Ada       | rtx 2000 ada              | desktop | lovelace   | 70n  | 7e   | 12n    | 12n    | 224e  | board
RTX 4000 Ada       | rtx 4000 ada              | desktop | lovelace   | 130n | 11e  | 26.7n  | 26.7n  | 360e  | board
RTX 6000 Ada       | rtx 6000 ada              | desktop | lovelace   | 300n | 20e  | 91.1n  | 91.1n  | 960e  | board
RTX PRO 6000       | rtx pro 6000              | desktop | blackwell  | 600n | 25e  | 126n   | 126n   | 1792e | range
`;

export const nvidiaLaptops = `
name                     | recognised by                      | kind   | generation | W    | idle | f32   | f16   | GB/s | sure
GeForce RTX 3050 Laptop  | rtx 3050 laptop; rtx 3050 mobile   | laptop | ampere     | 95n  | 5e   | 7.6n  | 7.6n  | 192e | range
GeForce RTX 3060 Laptop  | rtx 3060 laptop; rtx 3060 mobile   | laptop | ampere     | 115n | 8e   | 10.9l | 10.9n | 336l | range
GeForce RTX 3070 Laptop  | rtx 3070 laptop; rtx 3070 mobile   | laptop | ampere     | 115e | 9e   | 15.9e | 15.9e | 448e | range
GeForce RTX 3070 Ti Laptop | rtx 3070 ti laptop; rtx 3070 ti mobile | laptop | ampere | 125n | 9e | 16.6n | 16.6n | 448e | range
GeForce RTX 3080 Laptop  | rtx 3080 laptop; rtx 3080 mobile   | laptop | ampere     | 150n | 10e  | 19n   | 19n   | 448e | range
GeForce RTX 4050 Laptop  | rtx 4050 laptop; rtx 4050 mobile   | laptop | lovelace   | 115n | 5e   | 8.9n  | 8.9n  | 192e | range
GeForce RTX 4060 Laptop  | rtx 4060 laptop; rtx 4060 mobile   | laptop | lovelace   | 115n | 6e   | 11.6l | 11.6n | 256l | range
GeForce RTX 4070 Laptop  | rtx 4070 laptop; rtx 4070 mobile   | laptop | lovelace   | 115l | 6e   | 15.6l | 15.6n | 256l | range
GeForce RTX 4080 Laptop  | rtx 4080 laptop; rtx 4080 mobile   | laptop | lovelace   | 150n | 8e   | 24.7n | 24.7n | 432e | range
GeForce RTX 4090 Laptop  | rtx 4090 laptop; rtx 4090 mobile   | laptop | lovelace   | 150n | 9e   | 33l   | 33n   | 576l | range
GeForce RTX 5050 Laptop  | rtx 5050 laptop; rtx 5050 mobile   | laptop | blackwell  | 100n | 5e   | 7.7n  | 7.7n  | 384e | range
GeForce RTX 5060 Laptop  | rtx 5060 laptop; rtx 5060 mobile   | laptop | blackwell  | 100n | 6e   | 9.7n  | 9.7n  | 384e | range
GeForce RTX 5070 Laptop  | rtx 5070 laptop; rtx 5070 mobile   | laptop | blackwell  | 100n | 6e   | 13.1n | 13.1n | 384e | range
GeForce RTX 5070 Ti Laptop | rtx 5070 ti laptop; rtx 5070 ti mobile | laptop | blackwell | 140n | 7e | 17n | 17n | 672e | range
GeForce RTX 5080 Laptop  | rtx 5080 laptop; rtx 5080 mobile   | laptop | blackwell  | 175n | 9e   | 23n   | 23n   | 896e | range
GeForce RTX 5090 Laptop  | rtx 5090 laptop; rtx 5090 mobile   | laptop | blackwell  | 175n | 10e  | 31.8l | 31.8n | 896l | range
`;

export const dataCentre = `
name           | recognised by              | kind        | generation | W     | idle | f32   | f16   | GB/s  | sure
Tesla P4       | tesla p4                   | data centre | pascal     | 75e   | 9c   | 5.5e  | 0.09e | 192e  | range
Tesla P100     | tesla p100                 | data centre | pascal     | 250m  | 36c  | 9.5m  | 19m   | 732e  | board
Tesla V100     | tesla v100; v100 sxm2; v100 sxm3 | data centre | volta | 300n | 35c  | 15.7e | 28.3n | 900l  | board
Tesla T4       | tesla t4; nvidia t4        | data centre | turing     | 70l   | 8c   | 8.1l  | 16.2e | 320l  | board
A2             | nvidia a2                  | data centre | ampere     | 60n   | 7e   | 4.5n  | 4.5n  | 200e  | board
A10            | nvidia a10                 | data centre | ampere     | 150n  | 18e  | 31.2n | 31.2n | 600e  | board
A10G           | nvidia a10g                | data centre | ampere     | 150l  | 18c  | 31.5l | 31.5e | 600l  | board
A30            | nvidia a30                 | data centre | ampere     | 165n  | 25e  | 10.3n | 41e   | 933e  | board
A40            | nvidia a40                 | data centre | ampere     | 300n  | 30e  | 37.4n | 37.4n | 696e  | board
A100 SXM 40 GB | a100 + sxm4 + 40gb         | data centre | ampere     | 400l  | 46c  | 19.5l | 78n   | 1560l | board
A100 SXM 80 GB | a100 + sxm4 + 80gb         | data centre | ampere     | 400l  | 46c  | 19.5l | 78n   | 2040l | board
A100 PCIe 40 GB | a100 + pcie + 40gb        | data centre | ampere     | 250l  | 40e  | 19.5l | 78n   | 1560l | board
A100 PCIe 80 GB | a100 + pcie + 80gb        | data centre | ampere     | 300l  | 44e  | 19.5l | 78n   | 1940l | board
H100 SXM       | h100 + hbm3; h100 + sxm5   | data centre | hopper     | 700l  | 75e  | 66.9l | 134e  | 3360l | board
H100 PCIe      | h100 + pcie                | data centre | hopper     | 350l  | 50e  | 51.2l | 102e  | 2040l | board
H200 SXM       | nvidia h200                | data centre | hopper     | 700l  | 80e  | 66.9l | 134e  | 4890l | board
B200           | nvidia b200                | data centre | blackwell  | 1000n | 140e | 74e   | 149e  | 8000e | board
L4             | nvidia l4                  | data centre | lovelace   | 72l   | 13e  | 30.3l | 30.3n | 300l  | board
L40            | nvidia l40                 | data centre | lovelace   | 300n  | 35e  | 90.5n | 90.5n | 864e  | board
L40S           | nvidia l40s                | data centre | lovelace   | 350m  | 35e  | 91.6l | 91.6n | 864l  | board
Instinct MI210 | instinct mi210             | data centre | cdna-2     | 300a  | 40e  | 22.6e | 181a  | 1638e | board
Instinct MI250X | instinct mi250x           | data centre | cdna-2     | 500l  | 90e  | 47.9l | 383e  | 3280l | board
Instinct MI300X | instinct mi300x           | data centre | cdna-3     | 750l  | 140e | 81.7l | 163e  | 5300d | board
`;

export const amdCards = `
name              | recognised by | kind    | generation | W    | idle | f32   | f16    | GB/s | sure
Radeon RX 480     | rx 480        | desktop | gcn-4      | 150m | 9e   | 5.8m  | 5.8m   | 256e | board
Radeon RX 570     | rx 570        | desktop | gcn-4      | 150e | 9e   | 5.1e  | 5.1e   | 224e | range
Radeon RX 580     | rx 580        | desktop | gcn-4      | 185e | 10e  | 6.2e  | 6.2e   | 256e | range
Radeon RX Vega 56 | rx vega 56    | desktop | gcn-5      | 210t | 9e   | 10.5e | 21e    | 410e | board
Radeon RX Vega 64 | rx vega 64    | desktop | gcn-5      | 295t | 9e   | 12.7e | 25.3e  | 484e | board
Radeon VII        | radeon vii    | desktop | gcn-5      | 300t | 13e  | 13.4e | 26.9e  | 1024e | board
Radeon RX 5500 XT | rx 5500 xt    | desktop | rdna-1     | 130a | 7e   | 5.2e  | 10.4a  | 224e | board
Radeon RX 5700    | rx 5700       | desktop | rdna-1     | 180a | 9e   | 8e    | 15.9a  | 448e | board
Radeon RX 5700 XT | rx 5700 xt    | desktop | rdna-1     | 225t | 10e  | 9.8e  | 19.5a  | 448e | board
Radeon RX 6600    | rx 6600       | desktop | rdna-2     | 132l | 4e   | 8.9l  | 17.9a  | 224l | board
Radeon RX 6600 XT | rx 6600 xt    | desktop | rdna-2     | 160a | 5e   | 10.6e | 21.2a  | 256e | board
Radeon RX 6650 XT | rx 6650 xt    | desktop | rdna-2     | 180a | 6e   | 10.8e | 21.6a  | 280e | board
Radeon RX 6700 XT | rx 6700 xt    | desktop | rdna-2     | 230a | 7e   | 13.2e | 26.4a  | 384e | board
Radeon RX 6750 XT | rx 6750 xt    | desktop | rdna-2     | 250e | 8e   | 13.3e | 26.6e  | 432e | range
Radeon RX 6800    | rx 6800       | desktop | rdna-2     | 250a | 8e   | 16.2e | 32.3a  | 512e | board
Radeon RX 6800 XT | rx 6800 xt    | desktop | rdna-2     | 300l | 8e   | 20.7l | 41.5e  | 512l | board
Radeon RX 6900 XT | rx 6900 xt    | desktop | rdna-2     | 300e | 8e   | 23e   | 46e    | 512e | range
Radeon RX 6950 XT | rx 6950 xt    | desktop | rdna-2     | 335a | 10e  | 23.7e | 47.3a  | 576e | board
Radeon RX 7600    | rx 7600       | desktop | rdna-3     | 165l | 5e   | 21.8l | 43.5e  | 288l | board
Radeon RX 7600 XT | rx 7600 xt    | desktop | rdna-3     | 190a | 8e   | 22.6e | 45.1a  | 288e | board
Radeon RX 7700 XT | rx 7700 xt    | desktop | rdna-3     | 245l | 16e  | 35.2l | 70.3a  | 432l | board
Radeon RX 7800 XT | rx 7800 xt    | desktop | rdna-3     | 263l | 16e  | 37.3l | 74.7a  | 624l | board
Radeon RX 7900 GRE | rx 7900 gre  | desktop | rdna-3     | 260a | 14e  | 46e   | 92a    | 576e | board
Radeon RX 7900 XT | rx 7900 xt    | desktop | rdna-3     | 315a | 18e  | 51.5l | 103a   | 800l | board
Radeon RX 7900 XTX | rx 7900 xtx  | desktop | rdna-3     | 355l | 28x  | 61.4l | 122.8a | 960l | board
Radeon RX 9060 XT | rx 9060 xt    | desktop | rdna-4     | 160l | 8e   | 25.6l | 51.3a  | 322l | board
Radeon RX 9070    | rx 9070       | desktop | rdna-4     | 220a | 10e  | 36.1e | 72.3a  | 645e | board
Radeon RX 9070 XT | rx 9070 xt    | desktop | rdna-4     | 304l | 12e  | 48.7l | 97.3a  | 645l | board
`;

export const intelCards = `
name     | recognised by | kind    | generation | W    | idle | f32   | f16   | GB/s | sure
Arc A380 | arc a380      | desktop | xe-hpg     | 75e  | 17e  | 4.2e  | 8.4e  | 186e | range
Arc A750 | arc a750      | desktop | xe-hpg     | 225l | 38e  | 17.2l | 34.4s | 512l | board
Arc A770 | arc a770      | desktop | xe-hpg     | 225l | 40e  | 19.7l | 39.3s | 512l | board
Arc B570 | arc b570      | desktop | xe-2hpg    | 150s | 20e  | 11.5e | 23s   | 380e | board
Arc B580 | arc b580      | desktop | xe-2hpg    | 190l | 30e  | 13.7l | 27.3s | 456l | board
`;

export const integrated = `
name                    | recognised by         | kind       | generation | W    | idle | f32   | f16   | GB/s | sure
HD Graphics 520         | hd graphics 520       | integrated | gen-9      | 15e  | 1e   | 0.4e  | 0.8e  | 34e  | package
HD Graphics 530         | hd graphics 530       | integrated | gen-9      | 20e  | 1e   | 0.44e | 0.88e | 34e  | package
HD Graphics 620         | hd graphics 620       | integrated | gen-9      | 15e  | 1e   | 0.4e  | 0.8e  | 34e  | package
HD Graphics 630         | hd graphics 630       | integrated | gen-9      | 20e  | 1e   | 0.46e | 0.92e | 38e  | package
UHD Graphics 620        | uhd graphics 620      | integrated | gen-9      | 15e  | 1e   | 0.42e | 0.84e | 38e  | package
UHD Graphics 630        | uhd graphics 630; uhd graphics p630 | integrated | gen-9 | 15b | 1e | 0.46b | 0.92b | 42e | package
UHD Graphics 730        | uhd graphics 730      | integrated | gen-12lp   | 15e  | 1e   | 0.6e  | 1.2e  | 77e  | package
UHD Graphics 750        | uhd graphics 750; uhd graphics p750 | integrated | gen-12lp | 15e | 1e | 0.67e | 1.3e | 51e | package
UHD Graphics 770        | uhd graphics 770      | integrated | gen-12lp   | 15l  | 1e   | 0.8l  | 1.6e  | 77e  | package
Intel Graphics of Alder Lake-N | adl n          | integrated | gen-12lp   | 10e  | 1e   | 0.6e  | 1.2e  | 38e  | guess
Iris Xe Graphics        | iris xe graphics      | integrated | gen-12lp   | 15l  | 1e   | 1.7q  | 3.4q  | 68e  | package
Arc Graphics of Meteor Lake | intel arc graphics | integrated | xe-lpg    | 28e  | 1.5e | 4.6e  | 9.2e  | 90e  | package
Arc 140T                | arc 140t              | integrated | xe-lpg     | 35l  | 1.5e | 4.8l  | 9.6e  | 120e | package
Arc 140V                | arc 140v              | integrated | xe-2lpg    | 37l  | 1e   | 4l    | 8e    | 136e | package
Radeon 610M             | radeon 610m           | integrated | rdna-2     | 15a  | 1e   | 0.49e | 0.97a | 76e  | package
Radeon 680M             | radeon 680m           | integrated | rdna-2     | 50l  | 1.5e | 3.4l  | 6.8a  | 102e | package
Steam Deck              | custom gpu 0405; vangogh | integrated | rdna-2  | 15e  | 1e   | 1.6e  | 3.3e  | 88e  | package
Radeon 740M             | radeon 740m           | integrated | rdna-3     | 15a  | 1e   | 2.6e  | 5.1a  | 102e | package
Radeon 760M             | radeon 760m           | integrated | rdna-3     | 15a  | 1e   | 5.3e  | 10.7a | 102e | package
Radeon 780M             | radeon 780m           | integrated | rdna-3     | 15l  | 1.5e | 8.9l  | 16.6a | 102e | package
Radeon 840M             | radeon 840m           | integrated | rdna-3     | 15a  | 1e   | 1.5e  | 3a    | 120e | package
Radeon 860M             | radeon 860m           | integrated | rdna-3     | 15a  | 1e   | 3.1e  | 6.1a  | 120e | package
Radeon 880M             | radeon 880m           | integrated | rdna-3     | 15a  | 1.5e | 4.5e  | 8.9a  | 120e | package
Radeon 890M             | radeon 890m           | integrated | rdna-3     | 15l  | 1.5e | 5.9l  | 11.9a | 120e | package
Radeon 8060S            | radeon 8060s          | integrated | rdna-3     | 55l  | 4e   | 14.9l | 29.7a | 256e | package
Adreno X1               | adreno x1             | integrated | adreno-7xx | 23s  | 1e   | 3.8s  | 7.6e  | 135e | package
`;

/** `GB`: the most memory that it was sold with. No buffer can be larger, so a larger limit rules it out. */
export const apple = `
name     | recognised by  | kind  | generation | W    | idle | f32   | f16   | GB/s | sure    | GB
M1       | apple m1       | apple | metal-3    | 15s  | 0.5e | 2.6s  | 2.6e  | 68e  | guess   | 16
M1 Pro   | apple m1 pro   | apple | metal-3    | 30s  | 0.5e | 5.2s  | 5.2e  | 200o | guess   | 32
M1 Max   | apple m1 max   | apple | metal-3    | 60s  | 1e   | 10.4s | 10.4e | 400o | guess   | 64
M1 Ultra | apple m1 ultra | apple | metal-3    | 120s | 2e   | 21s   | 21e   | 800o | guess   | 128
M2       | apple m2       | apple | metal-3    | 20s  | 0.5e | 3.6s  | 3.6e  | 102k | guess   | 24
M2 Pro   | apple m2 pro   | apple | metal-3    | 35s  | 0.5e | 6.8s  | 6.8e  | 205k | guess   | 32
M2 Max   | apple m2 max   | apple | metal-3    | 80s  | 1e   | 13.5s | 13.5e | 400e | guess   | 96
M2 Ultra | apple m2 ultra | apple | metal-3    | 150s | 2e   | 27.2s | 27.2e | 800g | guess   | 192
M3       | apple m3       | apple | metal-3    | 22s  | 0.5e | 4.1s  | 4.1e  | 102k | guess   | 24
M3 Pro   | apple m3 pro   | apple | metal-3    | 40s  | 0.5e | 7.4s  | 7.4e  | 154k | guess   | 36
M3 Max   | apple m3 max   | apple | metal-3    | 90s  | 1e   | 14.2s | 14.2e | 400e | guess   | 128
M3 Ultra | apple m3 ultra | apple | metal-3    | 180s | 2e   | 28.4s | 28.4e | 819e | guess   | 512
M4       | apple m4       | apple | metal-3    | 22s  | 0.5e | 4.6s  | 4.6e  | 120k | guess   | 32
M4 Pro   | apple m4 pro   | apple | metal-3    | 45s  | 0.5e | 9.2s  | 9.2e  | 273k | guess   | 64
M4 Max   | apple m4 max   | apple | metal-3    | 100s | 1e   | 18.4s | 18.4e | 546g | guess   | 128
M5       | apple m5       | apple | metal-3    | 25s  | 0.5e | 5.7s  | 5.7e  | 153e | guess   | 32
M5 Pro   | apple m5 pro   | apple | metal-3    | 50s  | 0.5e | 11.4s | 11.4e | 307e | guess   | 64
M5 Max   | apple m5 max   | apple | metal-3    | 110s | 1e   | 22.8s | 22.8e | 614e | guess   | 128
`;

export const phones = `
name            | recognised by            | kind  | generation | W    | idle | f32  | f16  | GB/s | sure    | GB
Apple A14       | apple a14                | phone | metal-3    | 6e   | 0.1e | 1e   | 2e   | 34e  | guess   | 6
Apple A15       | apple a15                | phone | metal-3    | 7e   | 0.1e | 1.5e | 3e   | 34e  | guess   | 6
Apple A16       | apple a16                | phone | metal-3    | 7.6l | 0.1e | 1.8e | 3.6e | 51e  | package | 6
Apple A17 Pro   | apple a17 pro            | phone | metal-3    | 9e   | 0.1e | 2.1e | 4.3e | 51e  | guess   | 8
Adreno 619      | adreno 619               | phone | adreno-6xx | 3e   | 0.1e | 0.5e | 1e   | 17e  | guess
Adreno 640      | adreno 640               | phone | adreno-6xx | 5e   | 0.1e | 0.9e | 1.8e | 34e  | guess
Adreno 650      | adreno 650               | phone | adreno-6xx | 5e   | 0.1e | 1.2e | 2.4e | 44e  | guess
Adreno 660      | adreno 660               | phone | adreno-6xx | 7e   | 0.1e | 1.5e | 3e   | 51e  | guess
Adreno 730      | adreno 730               | phone | adreno-7xx | 8e   | 0.1e | 2e   | 4e   | 51e  | guess
Adreno 740      | adreno 740               | phone | adreno-7xx | 7.5l | 0.1e | 2.1e | 4.2e | 67e  | package
Adreno 750      | adreno 750               | phone | adreno-7xx | 10e  | 0.1e | 2.8e | 5.5e | 77e  | guess
Adreno 830      | adreno 830               | phone | adreno-8xx | 12e  | 0.1e | 3.4e | 6.8e | 85e  | guess
Mali-G57        | mali g57                 | phone | valhall    | 2.5e | 0.1e | 0.3e | 0.6e | 17e  | guess
Mali-G77        | mali g77                 | phone | valhall    | 5e   | 0.1e | 1e   | 2e   | 34e  | guess
Mali-G78        | mali g78                 | phone | valhall    | 6e   | 0.1e | 1.5e | 3e   | 44e  | guess
Mali-G610       | mali g610                | phone | valhall    | 5e   | 0.1e | 1e   | 2e   | 34e  | guess
Mali-G710       | mali g710                | phone | valhall    | 7e   | 0.1e | 1.8e | 3.6e | 51e  | guess
Mali-G715       | mali g715; immortalis g715 | phone | valhall  | 8.2l | 0.1e | 2.2e | 4.4e | 67e  | package
Immortalis-G720 | mali g720; immortalis g720 | phone | gen-5    | 11e  | 0.1e | 3e   | 6e   | 77e  | guess
Xclipse 920     | xclipse 920              | phone | rdna-2     | 7e   | 0.1e | 1e   | 2e   | 51e  | guess
Xclipse 940     | xclipse 940              | phone | rdna-3     | 8e   | 0.1e | 3.4e | 6.8e | 68e  | guess
`;

/**
 * A GPU in software computes on the processor: W is a processor's. CodeCarbon takes 85 W for one that it does not know,
 * with half of it in use: https://github.com/mlco2/codecarbon, `external/hardware.py`.
 */
export const software = `
name                          | recognised by          | kind     | generation  | W   | idle | f32   | f16   | GB/s | sure
SwiftShader (on the processor) | swiftshader           | software | swiftshader | 43l | 8e   | 0.2e  | 0.2e  | 20e  | guess
llvmpipe (on the processor)   | llvmpipe; lavapipe     | software | llvmpipe    | 43l | 8e   | 0.2e  | 0.2e  | 20e  | guess
Microsoft Basic Render Driver (on the processor) | basic render driver | software | warp | 43l | 8e | 0.2e | 0.2e | 20e | guess
`;
