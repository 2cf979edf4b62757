;; The inner loop of the envelope: a DC blocker and a second-order high-pass over whole bins of 16 samples, four samples
;; at a time in 64-bit floats. Each group of four is worked out from the state before it (look-ahead: Parhi and
;; Messerschmitt 1989, IEEE Trans. ASSP 37, 1099–1117), so the chain from sample to sample is a quarter as long.
;; Memory, in bytes: 0 state (DC-free, high-passed, input: two samples each, f64); 64 constants, as envelope-loop.ts
;; writes them (f64x2 each); 1024 input (f32); 36864 high-passed sound (f32); 70656 mean square by bin (f64); 75776
;; greatest magnitude without DC by bin (f32).
(module
  (memory (export "memory") 2)
  (func (export "bins") (param $count i32)
    (local $x i32) (local $end i32) (local $y i32) (local $power i32) (local $peak i32)
    (local $in v128) (local $x01 v128) (local $x23 v128) (local $xp v128)
    (local $e01 v128) (local $e23 v128) (local $f01 v128) (local $f23 v128) (local $fp v128)
    (local $v01 v128) (local $v23 v128) (local $vm v128) (local $y01 v128) (local $y23 v128) (local $yp v128)
    (local $y1 v128) (local $y2 v128) (local $last v128) (local $sum v128) (local $top v128) (local $zero v128)
    (local.set $fp (v128.load (i32.const 0)))
    (local.set $yp (v128.load (i32.const 16)))
    (local.set $xp (v128.load (i32.const 32)))
    (local.set $x (i32.const 1024))
    (local.set $y (i32.const 36864))
    (local.set $power (i32.const 70656))
    (local.set $peak (i32.const 75776))
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $count) (i32.const 6))))
    (block $done
      (loop $bin
        (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
        (local.set $sum (local.get $zero))
        (local.set $top (local.get $zero))
        (loop $group
          (local.set $in (v128.load (local.get $x)))
          (local.set $x01 (f64x2.promote_low_f32x4 (local.get $in)))
          (local.set $x23 (f64x2.promote_low_f32x4
            (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $in) (local.get $in))))
          ;; e = p (x - x before); then e1 + p e0, e3 + p e2
          (local.set $e01 (f64x2.mul (v128.load (i32.const 96)) (f64x2.sub (local.get $x01)
            (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $xp) (local.get $x01)))))
          (local.set $e23 (f64x2.mul (v128.load (i32.const 96)) (f64x2.sub (local.get $x23)
            (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $x01) (local.get $x23)))))
          (local.set $xp (local.get $x23))
          (local.set $e01 (f64x2.add (local.get $e01) (f64x2.mul (v128.load (i32.const 96))
            (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $zero) (local.get $e01)))))
          (local.set $e23 (f64x2.add (local.get $e23) (f64x2.mul (v128.load (i32.const 96))
            (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $zero) (local.get $e23)))))
          (local.set $e23 (f64x2.add (local.get $e23) (f64x2.mul (v128.load (i32.const 64))
            (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $e01) (local.get $e01)))))
          ;; the sound without DC
          (local.set $last
            (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $fp) (local.get $fp)))
          (local.set $f01 (f64x2.add (local.get $e01)
            (f64x2.mul (v128.load (i32.const 64)) (local.get $last))))
          (local.set $f23 (f64x2.add (local.get $e23)
            (f64x2.mul (v128.load (i32.const 80)) (local.get $last))))
          (local.set $top (f64x2.pmax (local.get $top) (f64x2.pmax
            (f64x2.abs (local.get $f01)) (f64x2.abs (local.get $f23)))))
          ;; v = b0 (f - 2 f1 + f2)
          (local.set $last
            (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $fp) (local.get $f01)))
          (local.set $v01 (f64x2.mul (v128.load (i32.const 112)) (f64x2.add
            (f64x2.sub (local.get $f01) (f64x2.add (local.get $last) (local.get $last))) (local.get $fp))))
          (local.set $vm
            (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $f01) (local.get $f23)))
          (local.set $v23 (f64x2.mul (v128.load (i32.const 112)) (f64x2.add
            (f64x2.sub (local.get $f23) (f64x2.add (local.get $vm) (local.get $vm))) (local.get $f01))))
          (local.set $fp (local.get $f23))
          ;; what these four give by themselves
          (local.set $vm
            (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $v01) (local.get $v23)))
          (local.set $last
            (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $zero) (local.get $v01)))
          (local.set $y23 (f64x2.add
            (f64x2.add (local.get $v23) (f64x2.mul (v128.load (i32.const 128)) (local.get $vm)))
            (f64x2.add (f64x2.mul (v128.load (i32.const 144)) (local.get $v01))
              (f64x2.mul (v128.load (i32.const 160)) (local.get $last)))))
          (local.set $y01 (f64x2.add (local.get $v01)
            (f64x2.mul (v128.load (i32.const 128)) (local.get $last))))
          ;; and what the two before them add
          (local.set $y1
            (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $yp) (local.get $yp)))
          (local.set $y2
            (i8x16.shuffle 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 (local.get $yp) (local.get $yp)))
          (local.set $y01 (f64x2.add (local.get $y01) (f64x2.add
            (f64x2.mul (v128.load (i32.const 176)) (local.get $y1))
            (f64x2.mul (v128.load (i32.const 208)) (local.get $y2)))))
          (local.set $y23 (f64x2.add (local.get $y23) (f64x2.add
            (f64x2.mul (v128.load (i32.const 192)) (local.get $y1))
            (f64x2.mul (v128.load (i32.const 224)) (local.get $y2)))))
          (local.set $yp (local.get $y23))
          (local.set $sum (f64x2.add (local.get $sum) (f64x2.add
            (f64x2.mul (local.get $y01) (local.get $y01)) (f64x2.mul (local.get $y23) (local.get $y23)))))
          (v128.store (local.get $y) (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
            (f32x4.demote_f64x2_zero (local.get $y01)) (f32x4.demote_f64x2_zero (local.get $y23))))
          (local.set $x (i32.add (local.get $x) (i32.const 16)))
          (local.set $y (i32.add (local.get $y) (i32.const 16)))
          (br_if $group (i32.and (local.get $x) (i32.const 63))))
        (f64.store (local.get $power) (f64.mul (f64.const 0.0625) (f64.add
          (f64x2.extract_lane 0 (local.get $sum)) (f64x2.extract_lane 1 (local.get $sum)))))
        (f32.store (local.get $peak) (f32.demote_f64 (f64.max
          (f64x2.extract_lane 0 (local.get $top)) (f64x2.extract_lane 1 (local.get $top)))))
        ;; Long silence would end in slow denormal numbers.
        (local.set $fp (v128.and (local.get $fp)
          (f64x2.ge (f64x2.abs (local.get $fp)) (v128.load (i32.const 240)))))
        (local.set $yp (v128.and (local.get $yp)
          (f64x2.ge (f64x2.abs (local.get $yp)) (v128.load (i32.const 240)))))
        (local.set $power (i32.add (local.get $power) (i32.const 8)))
        (local.set $peak (i32.add (local.get $peak) (i32.const 4)))
        (br $bin)))
    (v128.store (i32.const 0) (local.get $fp))
    (v128.store (i32.const 16) (local.get $yp))
    (v128.store (i32.const 32) (local.get $xp))))
