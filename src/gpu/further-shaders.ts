/** Shaders that a first view does without: of convolutions and images, of norms over a mesh, of measured forms, of half wires. */
export const files = import.meta.glob<string>(
  [
    '../../shaders/*.wgsl',
    '!../../shaders/{adam,copy,elementwise,fill,sum,sum_squares}.wgsl',
    '!../../shaders/matmul{,_direct,_lanes,_small}.wgsl',
    '!../../shaders/norm_{apply,gradient,statistics,vector_gradients}.wgsl',
  ],
  { query: '?raw', import: 'default', eager: true },
);

export const preludeFiles = import.meta.glob<string>(
  [
    '../../shaders/prelude/*.wgsl',
    '!../../shaders/prelude/{box,dropout,norm,operands,pointwise,product,tiles}.wgsl',
    '!../../shaders/prelude/{eight_columns,direct_*,lanes_*}.wgsl',
  ],
  { query: '?raw', import: 'default', eager: true },
);
