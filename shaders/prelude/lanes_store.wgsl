// Sums of 16 rows from (row, column) on.
  let results = array<vec4f, 32>(
    l0, four_of(r0), l1, four_of(r1), l2, four_of(r2), l3, four_of(r3),
    l4, four_of(r4), l5, four_of(r5), l6, four_of(r6), l7, four_of(r7),
    l8, four_of(r8), l9, four_of(r9), l10, four_of(r10), l11, four_of(r11),
    l12, four_of(r12), l13, four_of(r13), l14, four_of(r14), l15, four_of(r15),
  );
  for (var i = 0u; i < 32u; i++) {
    let is_right = i % 2u != 0u;
    store_first(select(4u, RIGHT, is_right), base, row + i / 2u, column + select(0u, 4u, is_right), results[i]);
  }
