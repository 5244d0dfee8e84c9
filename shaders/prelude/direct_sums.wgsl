// Sums of 8 rows of results: l and r are the left four columns of each row, and the right ones.
  var l0 = vec4f();
  var r0 = Right();
  var l1 = vec4f();
  var r1 = Right();
  var l2 = vec4f();
  var r2 = Right();
  var l3 = vec4f();
  var r3 = Right();
  var l4 = vec4f();
  var r4 = Right();
  var l5 = vec4f();
  var r5 = Right();
  var l6 = vec4f();
  var r6 = Right();
  var l7 = vec4f();
  var r7 = Right();
