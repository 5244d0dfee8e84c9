// Sums of 8 rows from (row, column) on.
  let results = array<vec4f, 16>(
    l0, four_of(r0), l1, four_of(r1), l2, four_of(r2), l3, four_of(r3),
    l4, four_of(r4), l5, four_of(r5), l6, four_of(r6), l7, four_of(r7),
  );
  for (var i = 0u; i < 16u; i++) {
    let is_right = i % 2u != 0u;
    store_first(select(4u, RIGHT, is_right), base, row + i / 2u, column + select(0u, 4u, is_right), results[i]);
  }
