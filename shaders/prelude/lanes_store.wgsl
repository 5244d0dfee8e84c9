// Sums of 16 rows by 8 columns from (row, column) on.
  let results = array<vec4f, 32>(
    l0, r0, l1, r1, l2, r2, l3, r3, l4, r4, l5, r5, l6, r6, l7, r7,
    l8, r8, l9, r9, l10, r10, l11, r11, l12, r12, l13, r13, l14, r14, l15, r15,
  );
  for (var i = 0u; i < 32u; i++) { store(base, row + i / 2u, column + i % 2u * 4u, results[i]); }
