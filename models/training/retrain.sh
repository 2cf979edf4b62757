#!/bin/sh
# Trains the model again from nothing, with one command. What is finished is not done again, so that a run that was
# interrupted goes on where it stopped. Two cores, 16 GB of memory, 20 GB of disk, Debian 12, Python 3.11, Node 20.
#
#   models/training/retrain.sh --teacher DIR [--scenes DIR] [--cc-sounds DIR] [--work DIR] [--version V] [--patches N]
#
# --teacher    folder of yamnet.tflite and yamnet_class_map.csv (Apache-2.0, TensorFlow model garden)
# --scenes     folder of the live-fire scenes FP1-001 … FP3-054; without it the model hears no live fire, and the figures say so
# --cc-sounds  folder of the free recordings that the card names; may be left out
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$here/work teacher='' scenes='' cc='' version=0.4.0 patches=200000
while [ $# -gt 0 ]; do
  case $1 in
    --teacher) teacher=$(cd "$2" && pwd) ;;
    --scenes) scenes=$(cd "$2" && pwd) ;;
    --cc-sounds) cc=$(cd "$2" && pwd) ;;
    --work) mkdir -p "$2"; work=$(cd "$2" && pwd) ;;
    --version) version=$2 ;;
    --patches) patches=$2 ;;
    *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift 2
done
[ -f "$teacher/yamnet.tflite" ] || { echo "retrain.sh: --teacher must name the folder of yamnet.tflite" >&2; exit 2; }
[ -n "$scenes" ] || echo "retrain.sh: no --scenes: trained and judged without live fire"
mkdir -p "$work"
cd "$here"
export OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 TF_CPP_MIN_LOG_LEVEL=3

# step NAME COMMAND…: runs the command once; its output goes to NAME.log.
step() {
  name=$1
  shift
  [ -e "$work/$name.done" ] && return
  echo "$(date +%T) $name"
  "$@" > "$work/$name.log" 2>&1 || { tail -n 20 "$work/$name.log" >&2; echo "retrain.sh: $name failed; see $work/$name.log" >&2; exit 1; }
  touch "$work/$name.done"
}

environment() { python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q -r requirements.txt; }
simulated() {
  [ -e ../../dist/simulate/index.js ] || (cd ../.. && npm ci && npm run build)
  node simulated.mjs "$work/simulated" 40
}

step environment environment
py=$work/venv/bin/python
step tests "$py" -m unittest
step packages "$py" fetch.py --out "$work/packages"
step simulated simulated
step decode "$py" decode.py --packages "$work/packages" --simulated "$work/simulated" ${cc:+--cc-sounds "$cc"} --out "$work/sounds"
step labels "$py" inspect_labels.py --sounds "$work/sounds" --teacher "$teacher" --out "$work/inspected.tsv"
make="$py patches.py --sounds $work/sounds --teacher $teacher --inspected $work/inspected.tsv ${scenes:+--scenes $scenes}"
step validation $make --split val --count 4000 --seed 2 --out "$work/validation"
step patches $make --count "$patches" --seed 1 --out "$work/patches"
step shots $make --only gun --count $((patches * 12 / 100)) --seed 12 --out "$work/shots"
step mixed-shots $make --only gun_mixed --count $((patches * 10 / 100)) --seed 11 --out "$work/mixed-shots"
step mixed-explosions $make --only explosion_mixed --count $((patches * 6 / 100)) --seed 13 --out "$work/mixed-explosions"
train="$py train.py --val $work/validation --class-map $teacher/yamnet_class_map.csv"
# First without firing position 2, which proves what the model does with places it never heard; then with it, and with more shots and
# explosions.
step train $train --patches "$work/patches" ${scenes:+--hold-out FP2} --epochs 2.5 --out "$work/held-out.pt"
all="$work/patches $work/shots $work/mixed-shots $work/mixed-explosions"
model=$work/all.pt
step train-all $train --patches $all --begin "$work/held-out.pt" --epochs 3.2 --rate 0.002 --seed 5 --out "$model"
without=; [ -n "$scenes" ] || without=--without-scenes
export="$py export.py --val $work/validation --class-map $teacher/yamnet_class_map.csv"
judge="--sounds $work/sounds --teacher $teacher"
if [ -n "$scenes" ]; then
  step export-held-out $export --model "$work/held-out.pt" --version 0.0.0 --out "$work/held-out"
  step judge-held-out "$py" evaluate.py --model "$work/held-out/clameur-0.0.0.onnx" $judge --scenes "$scenes" --live FP2 --quick --json "$work/held-out.json"
fi
small="$py quantise.py --model $work/float/clameur-$version.onnx --val $work/validation --out $work/model/clameur-$version.onnx"
step export $export --model "$model" --version "$version" $without --out "$work/float"
step int8 $small
step judge "$py" evaluate.py --model "$work/model/clameur-$version.onnx" $judge ${scenes:+--scenes "$scenes"} --choose "$work/thresholds.json" --json "$work/figures.json"
step thresholds $export --model "$model" --version "$version" --thresholds "$work/thresholds.json" $without --out "$work/float"
step ship $small
step clips "$py" write_clips.py --sounds "$work/sounds" --out "$work/heard"
step heard-in-town "$py" write_scenes.py --sounds "$work/sounds" --out "$work/heard/scenes"
echo "$(date +%T) the model: $work/model (with float weights: $work/float); its figures: $work/judge.log, $work/figures.json${scenes:+, held out: $work/judge-held-out.log}"
