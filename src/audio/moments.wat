;; Sum, sum of squares and greatest magnitude of `count` 32-bit floats (a multiple of 4) from byte 64 on, added up in
;; 64-bit floats; written to bytes 0, 8 and 16 as 64-bit floats.
(module
  (memory (export "memory") 2)
  (func (export "moments") (param $count i32)
    (local $at i32) (local $end i32) (local $x v128) (local $low v128) (local $high v128)
    (local $s0 v128) (local $s1 v128) (local $q0 v128) (local $q1 v128) (local $top v128)
    (local.set $at (i32.const 64))
    (local.set $end (i32.add (i32.const 64) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $x (v128.load (local.get $at)))
        (local.set $low (f64x2.promote_low_f32x4 (local.get $x)))
        (local.set $high (f64x2.promote_low_f32x4
          (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $x) (local.get $x))))
        (local.set $s0 (f64x2.add (local.get $s0) (local.get $low)))
        (local.set $s1 (f64x2.add (local.get $s1) (local.get $high)))
        (local.set $q0 (f64x2.add (local.get $q0) (f64x2.mul (local.get $low) (local.get $low))))
        (local.set $q1 (f64x2.add (local.get $q1) (f64x2.mul (local.get $high) (local.get $high))))
        (local.set $top (f32x4.pmax (local.get $top) (f32x4.abs (local.get $x))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next)))
    (local.set $s0 (f64x2.add (local.get $s0) (local.get $s1)))
    (local.set $q0 (f64x2.add (local.get $q0) (local.get $q1)))
    (f64.store (i32.const 0) (f64.add (f64x2.extract_lane 0 (local.get $s0)) (f64x2.extract_lane 1 (local.get $s0))))
    (f64.store (i32.const 8) (f64.add (f64x2.extract_lane 0 (local.get $q0)) (f64x2.extract_lane 1 (local.get $q0))))
    (f64.store (i32.const 16) (f64.promote_f32 (f32.max
      (f32.max (f32x4.extract_lane 0 (local.get $top)) (f32x4.extract_lane 1 (local.get $top)))
      (f32.max (f32x4.extract_lane 2 (local.get $top)) (f32x4.extract_lane 3 (local.get $top))))))))
