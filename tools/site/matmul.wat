;; y = x Wᵀ: (M, K) by (N, K) gives (M, N), all in fp32. Both inner loops run along rows, so nothing is transposed.
;;
;; x, w, y are addresses in bytes, and so are the distances dx, dw, dy from one row to the next; a distance may be larger
;; than a row, which lets one head be taken out of a wider matrix. k is 4 K, in bytes too. N and K are multiples of four.
;; A tile of 2 by 4 results keeps eight sums in registers, which loads six vectors for eight products; larger tiles were
;; slower, since the registers no longer sufficed. The last row of an odd M is done with a tile of 1 by 4.
(module
  (import "engine" "memory" (memory 1))

  ;; The sums of four vectors' entries, as one vector.
  (func $sum4 (param $a v128) (param $b v128) (param $c v128) (param $d v128) (result v128)
    (local $ab v128) (local $cd v128)
    (local.set $ab (f32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b))))
    (local.set $cd (f32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d))))
    (f32x4.add
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $ab) (local.get $cd))
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $ab) (local.get $cd))))

  (func (export "matmul")
    (param $x i32) (param $dx i32) (param $w i32) (param $dw i32) (param $y i32) (param $dy i32)
    (param $m i32) (param $n i32) (param $k i32)
    (local $j i32) (local $i i32) (local $p i32) (local $q i32) (local $out i32)
    (local $x0 v128) (local $x1 v128) (local $w0 v128)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local $b0 v128) (local $b1 v128) (local $b2 v128) (local $b3 v128)

    (block $pairs_done
      (loop $pairs
        (br_if $pairs_done (i32.lt_s (local.get $m) (i32.const 2)))
        (local.set $j (i32.const 0))
        (local.set $q (local.get $w))
        (local.set $out (local.get $y))
        (loop $columns
          (local.set $a0 (v128.const f32x4 0 0 0 0)) (local.set $a1 (v128.const f32x4 0 0 0 0))
          (local.set $a2 (v128.const f32x4 0 0 0 0)) (local.set $a3 (v128.const f32x4 0 0 0 0))
          (local.set $b0 (v128.const f32x4 0 0 0 0)) (local.set $b1 (v128.const f32x4 0 0 0 0))
          (local.set $b2 (v128.const f32x4 0 0 0 0)) (local.set $b3 (v128.const f32x4 0 0 0 0))
          (local.set $i (i32.const 0))
          (loop $inner
            (local.set $p (i32.add (local.get $x) (local.get $i)))
            (local.set $x0 (v128.load (local.get $p)))
            (local.set $x1 (v128.load (i32.add (local.get $p) (local.get $dx))))
            (local.set $p (i32.add (local.get $q) (local.get $i)))
            (local.set $w0 (v128.load (local.get $p)))
            (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $x0) (local.get $w0))))
            (local.set $b0 (f32x4.add (local.get $b0) (f32x4.mul (local.get $x1) (local.get $w0))))
            (local.set $w0 (v128.load (local.tee $p (i32.add (local.get $p) (local.get $dw)))))
            (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $x0) (local.get $w0))))
            (local.set $b1 (f32x4.add (local.get $b1) (f32x4.mul (local.get $x1) (local.get $w0))))
            (local.set $w0 (v128.load (local.tee $p (i32.add (local.get $p) (local.get $dw)))))
            (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $x0) (local.get $w0))))
            (local.set $b2 (f32x4.add (local.get $b2) (f32x4.mul (local.get $x1) (local.get $w0))))
            (local.set $w0 (v128.load (local.tee $p (i32.add (local.get $p) (local.get $dw)))))
            (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $x0) (local.get $w0))))
            (local.set $b3 (f32x4.add (local.get $b3) (f32x4.mul (local.get $x1) (local.get $w0))))
            (br_if $inner (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $k))))
          (v128.store (local.get $out)
            (call $sum4 (local.get $a0) (local.get $a1) (local.get $a2) (local.get $a3)))
          (v128.store (i32.add (local.get $out) (local.get $dy))
            (call $sum4 (local.get $b0) (local.get $b1) (local.get $b2) (local.get $b3)))
          (local.set $out (i32.add (local.get $out) (i32.const 16)))
          (local.set $q (i32.add (local.get $q) (i32.shl (local.get $dw) (i32.const 2))))
          (br_if $columns (i32.lt_s (local.tee $j (i32.add (local.get $j) (i32.const 4))) (local.get $n))))
        (local.set $x (i32.add (local.get $x) (i32.shl (local.get $dx) (i32.const 1))))
        (local.set $y (i32.add (local.get $y) (i32.shl (local.get $dy) (i32.const 1))))
        (local.set $m (i32.sub (local.get $m) (i32.const 2)))
        (br $pairs)))

    (if (local.get $m) (then
      (local.set $j (i32.const 0))
      (local.set $q (local.get $w))
      (loop $columns
        (local.set $a0 (v128.const f32x4 0 0 0 0)) (local.set $a1 (v128.const f32x4 0 0 0 0))
        (local.set $a2 (v128.const f32x4 0 0 0 0)) (local.set $a3 (v128.const f32x4 0 0 0 0))
        (local.set $i (i32.const 0))
        (loop $inner
          (local.set $x0 (v128.load (i32.add (local.get $x) (local.get $i))))
          (local.set $p (i32.add (local.get $q) (local.get $i)))
          (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $x0) (v128.load (local.get $p)))))
          (local.set $p (i32.add (local.get $p) (local.get $dw)))
          (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $x0) (v128.load (local.get $p)))))
          (local.set $p (i32.add (local.get $p) (local.get $dw)))
          (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $x0) (v128.load (local.get $p)))))
          (local.set $p (i32.add (local.get $p) (local.get $dw)))
          (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $x0) (v128.load (local.get $p)))))
          (br_if $inner (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $k))))
        (v128.store (local.get $y) (call $sum4 (local.get $a0) (local.get $a1) (local.get $a2) (local.get $a3)))
        (local.set $y (i32.add (local.get $y) (i32.const 16)))
        (local.set $q (i32.add (local.get $q) (i32.shl (local.get $dw) (i32.const 2))))
        (br_if $columns (i32.lt_s (local.tee $j (i32.add (local.get $j) (i32.const 4))) (local.get $n))))))))
