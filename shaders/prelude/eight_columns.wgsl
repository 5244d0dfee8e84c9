// An invocation makes eight columns of results: four on the left, and four on the right.
alias Right = vec4f;
const RIGHT = 4u;
fn right_of(four: vec4f) -> Right { return four; }
fn four_of(right: Right) -> vec4f { return right; }
