#!/bin/sh
# Checks an unpacked bundle with openssl (3 or newer), python3 and sha256sum.
#
#   sh verify.sh --vkey 'name+id+key' [--vkey …] [--previous FILE] [--allow-unpinned]
#
# Exit: 0 valid · 5 only the bundle's own key was used · 10 malformed · 20 signature · 30 root or
# size · 40 not grown out of the earlier checkpoint · 50 a payload or file is not what was promised.
# (`assize-verify` checks more: time stamps, rows, and the order of kill switches and approvals.)
set -uf
python='python3 -I -S' # nothing but Python's own library
here=$(dirname "$0")
work=$(mktemp -d) || exit 10
trap 'rm -rf "$work"' EXIT

fail() {
    echo "NOT VALID: $2" >&2
    exit "$1"
}

keys='' previous='' unpinned=''
while [ $# -gt 0 ]; do
    case $1 in
    --vkey) keys="$keys $2" && shift ;;
    --previous) previous=$2 && shift ;;
    --allow-unpinned) unpinned=allowed ;;
    *) echo "unknown option $1" >&2 && exit 2 ;;
    esac
    shift
done
command -v sha256sum >/dev/null || sha256sum() { shasum -a 256 "$@"; }

for file in checkpoint entries.jsonl manifest.json MANIFEST.sha256 vkey; do
    [ -f "$here/$file" ] || fail 10 "$file is missing"
done
if [ -z "$keys" ]; then
    keys=$(cat "$here/vkey")
    [ -n "$unpinned" ] || unpinned=refused
else
    unpinned=''
fi

# Succeeds if the signature of a key fits; fails if there is none; ends the check if one is wrong.
signed_by() {
    name=${2%%+*} && rest=${2#*+} && id=${rest%%+*} && public=${rest#*+}
    sed '/^$/,$d' "$1" >"$work/body"
    [ "$(sed -n 1p "$work/body")" = "$name" ] || return 1
    grep "^— $name " "$1" | while read -r _ _ signature; do
        printf %s "$signature" | base64 -d >"$work/signature" 2>/dev/null || fail 10 "a signature is not Base64"
        [ "$(head -c 4 "$work/signature" | od -An -tx1 | tr -d ' \n')" = "$id" ] || continue
        tail -c +5 "$work/signature" >"$work/bytes"
        { printf '\060\052\060\005\006\003\053\145\160\003\041\000' &&
            printf %s "$public" | base64 -d | tail -c 32; } >"$work/der"
        openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/der" -rawin \
            -in "$work/body" -sigfile "$work/bytes" >/dev/null 2>&1 || exit 20
        echo signed
        break
    done >"$work/result" || fail 20 "the signature in $1 is wrong"
    grep -q signed "$work/result"
}

signed() {
    for key in $keys; do
        signed_by "$1" "$key" && return 0
    done
    fail 20 "$1 is not signed with the key you gave"
}

signed "$here/checkpoint"
[ ! -f "$here/checkpoint.prev" ] || signed "$here/checkpoint.prev"
[ -z "$previous" ] || signed "$previous"

from=$(sed -n 's/^ *"entries_from": \([0-9][0-9]*\),$/\1/p' "$here/manifest.json")
[ -n "$from" ] || fail 10 'manifest.json cannot be read'
# Size and root of the tree, after those of the tree of the first $1 entries.
root() {
    set -- "$here/entries.jsonl" --at "$1" --from "$from"
    [ ! -f "$here/hashes.bin" ] || set -- "$@" --hashes "$here/hashes.bin"
    $python "$here/root.py" "$@" || fail 30 'the entries are not those that were recorded'
}
promised() {
    sed -n '2,3p' "$1" | tr '\n' ' ' | sed 's/ $//'
}
grown() {
    [ "$(sed -n 1p "$work/roots")" = "$(promised "$1")" ] || fail 40 "the log did not grow out of $1"
}
at=-1
[ ! -f "$here/checkpoint.prev" ] || at=$(sed -n 2p "$here/checkpoint.prev")
root "$at" >"$work/roots"
[ "$(tail -n 1 "$work/roots")" = "$(promised "$here/checkpoint")" ] ||
    fail 30 'the entries are not exactly those that were signed'
$python "$here/proofs.py" "$here"
code=$? && [ $code = 0 ] || fail $code 'a proof does not hold'
[ "$at" = -1 ] || grown "$here/checkpoint.prev"
if [ -n "$previous" ]; then
    root "$(sed -n 2p "$previous")" >"$work/roots"
    grown "$previous"
fi

(cd "$here" && find . -type f ! -path ./MANIFEST.sha256 | sed 's|^\./||' | LC_ALL=C sort) >"$work/found"
sed 's/^[0-9a-f]*  //' "$here/MANIFEST.sha256" | LC_ALL=C sort >"$work/listed"
cmp -s "$work/found" "$work/listed" || fail 50 'the files are not those of MANIFEST.sha256'
(cd "$here" && sha256sum -c MANIFEST.sha256) >"$work/sums" 2>&1 ||
    fail 50 "a file was changed: $(grep -m1 FAILED "$work/sums")"
$python "$here/payloads.py" "$here"
code=$? && [ $code = 0 ] || fail $code 'a payload is not what its entry committed to'

if [ "$unpinned" = refused ]; then
    fail 5 'UNPINNED: everything fits the key inside the bundle, which proves nothing by itself; give --vkey'
fi
[ -z "$unpinned" ] || echo 'UNPINNED: only the key inside the bundle was used'
echo "VALID: $(sed -n 2p "$here/checkpoint") entries of $(sed -n 1p "$here/checkpoint")"
