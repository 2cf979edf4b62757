#!/bin/sh
# Downloads the corpus' Debian packages and unpacks their sounds, installing nothing.
# usage: fetch.sh MANIFEST OUT_DIR   (Debian 12, after `apt-get update`; about 6 GB pass through, 3 GB stay)
set -eu
manifest=$1
out=$2
# Large packages whose sounds add little (music, or speech that others hold too).
skip='flightgear-data-base|flightgear-data-models|berusky2-data|castle-game-engine-doc|supertuxkart-data|hydrogen-drumkits|festvox-ru|package'
mkdir -p "$out"
cut -f1 "$manifest" | sort -u | grep -v -x -E "$skip" | while read -r package; do
  [ -n "$package" ] && [ ! -d "$out/$package" ] || continue
  (cd "$out" && apt-get download -q "$package") || { echo "no such package: $package" >&2; continue; }
  mkdir -p "$out/$package"
  for deb in "$out/${package}"_*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$out/$package" --wildcards \
      '*.wav' '*.WAV' '*.ogg' '*.OGG' '*.oga' '*.mp3' '*.flac' '*.opus' '*.wv' '*.au' \
      '*.pk3' '*.wz' '*.wad' 2>/dev/null || true
    rm -f "$deb"
  done
done
