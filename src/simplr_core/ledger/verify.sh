#!/bin/sh
# Checks a ledger export with sh, awk, coreutils and openssl 3 alone: nothing of Simplr is needed.
#
#   sh verify.sh [FOLDER] [--key FILE] [--checkpoint FILE]
#
#   FOLDER             the export; the folder of this script if not given
#   --key FILE         the public key as you received it earlier, instead of the one in the export
#   --checkpoint FILE  checkpoints that you kept yourself: they show that the end was cut off
#
# It computes the Merkle tree of RFC 6962 over entries.ndjson, checks the signature of every
# checkpoint, that each names the one before it, and that each root is that of the entries it
# covers. Exit status: 0 all is well, 1 something is wrong (said in one line), 2 it could not run.
#
# Cost: two small temporary files an entry, written by awk and hashed 2,000 at a time, so that no
# process is started for each; 10,000 entries take about 2 s where /dev/shm can be written, and 15 s
# on a slow disk. A checkpoint costs one run of openssl. TMPDIR says where everything else lies.

set -eu
LC_ALL=C
export LC_ALL

folder=$(dirname -- "$0")
key= outside=
while [ $# -gt 0 ]; do
  case $1 in
    --key) key=${2:?--key needs a file}; shift 2 ;;
    --checkpoint) outside=${2:?--checkpoint needs a file}; shift 2 ;;
    -*) echo "usage: sh verify.sh [FOLDER] [--key FILE] [--checkpoint FILE]" >&2; exit 2 ;;
    *) folder=$1; shift ;;
  esac
done
key=${key:-$folder/ledger.pub.pem}

cannot() { echo "cannot run: $1" >&2; exit 2; }
wrong() { echo "WRONG: $1"; exit 1; }

for program in awk openssl sha256sum base64 od paste split; do
  command -v "$program" >/dev/null 2>&1 || cannot "$program is not installed"
done
for file in "$folder/entries.ndjson" "$folder/checkpoints.txt" "$key" ${outside:+"$outside"}; do
  [ -r "$file" ] || cannot "$file cannot be read"
done
work=$(mktemp -d) || cannot "no temporary folder"
batch=$work/batch
trap 'rm -rf "$work" "$batch"' EXIT
trap 'exit 2' HUP INT TERM
if [ -d /dev/shm ] && [ -w /dev/shm ]; then batch=$(mktemp -d /dev/shm/verify-ledger.XXXXXX); else mkdir "$batch"; fi
[ "$(awk 'BEGIN { printf "%c%c%c", 0, 128, 255 }' | od -An -tx1 | tr -d ' \n')" = 0080ff ] ||
  cannot "this awk cannot write bytes; install mawk or gawk"

BATCH=2000

# Hash every file in $batch in the order of their names, print the hashes, and remove the files.
hash_batch() {
  (cd "$batch" && find . -type f | sort | xargs sha256sum | cut -c1-64)
  find "$batch" -type f -exec rm -f {} +
}

# Leaf hashes of the lines of file $1: SHA-256 of a zero byte and the line without its end.
hash_leaves() {
  rm -rf "$work/pieces"
  mkdir "$work/pieces"
  split -a 6 -l "$BATCH" -- "$1" "$work/pieces/"
  for piece in "$work"/pieces/*; do
    [ -f "$piece" ] || continue
    awk -v folder="$batch" '{
      file = sprintf("%s/%09d", folder, NR)
      printf "%c%s", 0, $0 > file
      close(file)
    }' "$piece"
    hash_batch
  done
}

# Node hashes of the lines "left right" of file $1, in hex: SHA-256 of 0x01 and both.
hash_pairs() {
  rm -rf "$work/pieces"
  mkdir "$work/pieces"
  split -a 6 -l "$BATCH" -- "$1" "$work/pieces/"
  for piece in "$work"/pieces/*; do
    [ -f "$piece" ] || continue
    awk -v folder="$batch" '
      BEGIN { for (i = 0; i < 256; i++) byte[sprintf("%02x", i)] = i }
      {
        file = sprintf("%s/%09d", folder, NR)
        hex = $1 $2
        printf "%c", 1 > file
        for (i = 1; i <= 128; i += 2) printf "%c", byte[substr(hex, i, 2)] > file
        close(file)
      }' "$piece"
    hash_batch
  done
}

# From leaf hashes in file $1 and sizes in file $2 (one a line), print the root for each size.
roots() {
  cp "$1" "$work/level.0"
  level=0
  while [ "$(wc -l < "$work/level.$level")" -gt 1 ]; do
    paste -d ' ' - - < "$work/level.$level" | awk 'NF == 2' > "$work/pairs"
    hash_pairs "$work/pairs" > "$work/level.$((level + 1))"
    level=$((level + 1))
  done
  # For each size its peaks, the smallest first: "<number of the checkpoint> <level> <index>".
  awk '{
    at = 0
    rest = $1
    bit = 1
    level = 0
    while (bit * 2 <= rest) { bit *= 2; level++ }
    count = 0
    while (rest > 0) {
      if (bit <= rest) { peak[++count] = level " " int(at / bit); at += bit; rest -= bit }
      bit /= 2
      level--
    }
    for (i = count; i > 0; i--) print NR, peak[i]
  }' "$2" > "$work/peaks"
  : > "$work/found"
  while [ "$level" -ge 0 ]; do
    awk -v level="$level" '
      pass == 1 { if ($2 == level) wanted[$3] = 1; next }
      (FNR - 1) in wanted { print level, FNR - 1, $1 }
    ' pass=1 "$work/peaks" pass=2 "$work/level.$level" >> "$work/found"
    level=$((level - 1))
  done
  empty=$(printf '' | sha256sum | cut -c1-64)
  awk -v empty="$empty" -v sizes="$(wc -l < "$2")" '
    pass == 1 { hash[$1 " " $2] = $3; next }
    { list[$1] = list[$1] " " hash[$2 " " $3] }
    END { for (i = 1; i <= sizes; i++) print (list[i] == "" ? " " empty : list[i]) }
  ' pass=1 "$work/found" pass=2 "$work/peaks" > "$work/lists"
  # Fold each list from its right end: H(next peak, so far). All lists take a step at a time.
  while awk 'NF > 1 { more = 1 } END { exit !more }' "$work/lists"; do
    awk 'NF > 1 { print $2, $1 }' "$work/lists" > "$work/pairs"
    hash_pairs "$work/pairs" > "$work/hashed"
    awk -v hashed="$work/hashed" '
      NF > 1 {
        getline folded < hashed
        line = folded
        for (i = 3; i <= NF; i++) line = line " " $i
        print line
        next
      }
      { print }
    ' "$work/lists" > "$work/lists.next"
    mv "$work/lists.next" "$work/lists"
  done
  awk '{ print $1 }' "$work/lists"
}

# Split a file of checkpoints into notes, check each note's shape and signature, and print
# "<size> <root in hex>" for each. $2 is yes if they must follow one another, $3 names them.
signed_sizes() {
  rm -rf "$work/notes"
  mkdir "$work/notes"
  awk -v folder="$work/notes" '
    function bad() { print "line " NR; exit 1 }
    { place = (NR - 1) % 8 }
    place == 0 { number++; file = sprintf("%s/%09d", folder, number); origin = $0 }
    place == 0 && (/[ \t]/ || $0 == "") { bad() }
    place == 1 && !/^(0|[1-9][0-9]*)$/ { bad() }
    place == 2 && (!/^[A-Za-z0-9+\/]+=$/ || length($0) != 44) { bad() }
    place == 3 && !/^at [0-9T:-]+Z$/ { bad() }
    place == 4 && !/^previous (none|[0-9a-f]+)$/ { bad() }
    place == 5 && $0 != "" { bad() }
    place == 6 && (NF != 3 || $1 != "\342\200\224" || $2 != origin || length($3) != 92) { bad() }
    place == 7 && $0 != "" { bad() }
    place <= 4 { print > (file ".body") }
    place <= 6 { print > (file ".note") }
    place == 6 { print $3 > (file ".signature"); close(file ".body"); close(file ".note"); close(file ".signature") }
    END { if (NR > 0 && NR % 8 != 7) { print "the end"; exit 1 } }
  ' "$1" > "$work/odd" || { echo "$3 cannot be read at $(head -n 1 "$work/odd")"; return 1; }
  previous=none size_before=0 origin_before=
  for note in "$work"/notes/*.note; do
    [ -f "$note" ] || continue
    body=${note%.note}.body
    { read -r origin; read -r size; read -r root; read -r at; read -r _ named; } < "$body"
    base64 -d < "${note%.note}.signature" > "$work/signed" 2>/dev/null || : > "$work/signed"
    tail -c 64 "$work/signed" > "$work/signature"
    openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$body" \
      -sigfile "$work/signature" >/dev/null 2>&1 ||
      { echo "the checkpoint of size $size in $3 was not signed by this key"; return 1; }
    if [ "$2" = yes ]; then
      [ "$named" = "$previous" ] ||
        { echo "the checkpoint of size $size in $3 does not follow the one before it"; return 1; }
      [ "$size" -ge "$size_before" ] || { echo "the checkpoint of size $size in $3 goes back"; return 1; }
    fi
    if [ -n "$origin_before" ] && [ "$origin" != "$origin_before" ]; then
      echo "the checkpoint of size $size in $3 is of another log"; return 1
    fi
    previous=$(sha256sum < "$note" | cut -c1-64) size_before=$size origin_before=$origin
    echo "$size $(printf '%s' "$root" | base64 -d | od -An -v -tx1 | tr -d ' \n')"
  done
}

openssl pkey -pubin -in "$key" -outform DER > "$work/key.der" 2>/dev/null ||
  cannot "$key holds no public key"
echo "public key: SHA-256 $(sha256sum < "$work/key.der" | cut -c1-64)"

signed_sizes "$folder/checkpoints.txt" yes checkpoints.txt > "$work/checkpoints" ||
  wrong "$(tail -n 1 "$work/checkpoints")"
if [ -n "$outside" ]; then
  signed_sizes "$outside" no "$outside" > "$work/outside" || wrong "$(tail -n 1 "$work/outside")"
  cat "$work/outside" >> "$work/checkpoints"
fi
sort -n -s -k 1,1 "$work/checkpoints" > "$work/expected"
covered=$(awk 'END { print $1 + 0 }' "$work/expected")

if [ -s "$folder/entries.ndjson" ] && [ -n "$(tail -c 1 "$folder/entries.ndjson")" ]; then
  wrong "entries.ndjson does not end in a line end: it was cut off"
fi
count=$(wc -l < "$folder/entries.ndjson")
count=$((count))
hash_leaves "$folder/entries.ndjson" > "$work/leaves"

# The first place at which the entries differ from the remembered leaf hashes, if there is one.
differing() {
  awk '
    pass == 1 { seen[FNR] = $1; count = FNR; next }
    FNR > count || $1 != seen[FNR] { print FNR - 1; found = 1; exit }
    { last = FNR }
    END { if (!found && last < count) print last }
  ' pass=1 "$work/leaves" pass=2 "$folder/leaves.txt"
}

# Name the first bad entry, given that the entries before $1 are right and checkpoint $2 fails.
name_the_first() {
  if [ -r "$folder/leaves.txt" ]; then
    head -n "$2" "$folder/leaves.txt" > "$work/remembered"
    if [ "$(wc -l < "$work/remembered")" -eq "$2" ] &&
      ! grep -q -v -x -E '[0-9a-f]{64}' "$work/remembered"; then
      echo "$2" > "$work/one"
      if [ "$(roots "$work/remembered" "$work/one")" = "$3" ]; then
        wrong "entry $(differing) is the first that is not what was written"
      fi
    fi
  fi
  if [ "$count" -lt "$2" ]; then
    wrong "the log has $count entries, but a signed checkpoint covers $2; entries 0 to $(($1 - 1)) are right"
  fi
  wrong "an entry from $1 to $(($2 - 1)) is not what was written"
}

awk -v count="$count" '$1 <= count' "$work/expected" > "$work/reachable"
awk '{ print $1 }' "$work/reachable" > "$work/sizes"
roots "$work/leaves" "$work/sizes" > "$work/roots"
paste -d ' ' "$work/reachable" "$work/roots" | awk '
  $2 != $3 { print good + 0, $1, $2; bad = 1; exit }
  { good = $1 }
  END { if (!bad) print good + 0 }
' > "$work/result"
read -r good failing root < "$work/result" || :
[ -z "${failing:-}" ] || name_the_first "$good" "$failing" "$root"
if [ "$covered" -gt "$count" ]; then
  awk -v count="$count" '$1 > count' "$work/expected" | head -n 1 > "$work/beyond"
  read -r failing root < "$work/beyond"
  name_the_first "$good" "$failing" "$root"
fi
[ "$count" -eq "$covered" ] || wrong "entry $covered and those after it are covered by no checkpoint"
echo "all is well: $count entries, $(wc -l < "$work/checkpoints" | tr -d ' ') checkpoints"
