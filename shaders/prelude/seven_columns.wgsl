// An invocation makes seven columns of results: four on the left, and three on the right. Images of 7 x 7 and 14 x 14 leave
// fewer columns of such tiles idle.
alias Right = vec3f;
const RIGHT = 3u;
fn right_of(four: vec4f) -> Right { return four.xyz; }
fn four_of(right: Right) -> vec4f { return vec4f(right, 0.0); }
