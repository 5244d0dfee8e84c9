// Sums of 8 rows by 8 columns from (row, column) on.
  let results = array<vec4f, 16>(l0, r0, l1, r1, l2, r2, l3, r3, l4, r4, l5, r5, l6, r6, l7, r7);
  for (var i = 0u; i < 16u; i++) { store(base, row + i / 2u, column + i % 2u * 4u, results[i]); }
