// A step of the inner axis: top and bottom are eight rows of a, left and right columns.
      l0 += top.x * left;
      r0 += top.x * right;
      l1 += top.y * left;
      r1 += top.y * right;
      l2 += top.z * left;
      r2 += top.z * right;
      l3 += top.w * left;
      r3 += top.w * right;
      l4 += bottom.x * left;
      r4 += bottom.x * right;
      l5 += bottom.y * left;
      r5 += bottom.y * right;
      l6 += bottom.z * left;
      r6 += bottom.z * right;
      l7 += bottom.w * left;
      r7 += bottom.w * right;
