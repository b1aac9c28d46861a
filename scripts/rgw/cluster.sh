#!/usr/bin/env bash
#
# A one-node Ceph Object Gateway (RGW) on 127.0.0.1, for as long as standard input stays open.
#
#   scripts/rgw/cluster.sh             # Ctrl-D or Ctrl-C stops it
#   scripts/rgw/cluster.sh --install   # first installs Debian's packages, if missing and if run by root
#
# When the gateway answers, one line goes to standard output: `ready http://127.0.0.1:PORT`. The S3 user has the
# keys $RGW_ACCESS_KEY and $RGW_SECRET_KEY; it may assume the role arn:aws:iam:::role/uploader at the same address.
# Only path-style URLs work. Everything is in a new folder below ${TMPDIR:-/tmp}, objects are in RAM, and at the end
# daemons and folder are gone, also when the program that holds standard input was killed.
#
# It is the smallest cluster that works: one monitor, one OSD, one gateway; no manager, no replication, no cephx.
# Exit status 69: the packages are missing. Known to work with Ceph 16.2 of Debian 12.

set -euo pipefail

readonly access_key=${RGW_ACCESS_KEY:-rgwtest}
readonly secret_key=${RGW_SECRET_KEY:-rgwtest-secret}
readonly step_timeout=60 # seconds, for any one step
readonly missing=69      # EX_UNAVAILABLE of sysexits.h
readonly packages=(ceph-mon ceph-osd radosgw)

say() { printf 'rgw: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# --------------------------------------------------------------- packages ----

packages_missing() {
  local command
  for command in ceph ceph-mon ceph-osd monmaptool radosgw radosgw-admin; do
    command -v "$command" >/dev/null || return 0
  done
  return 1
}

is_debian() { grep -qx 'ID=debian' /etc/os-release 2>/dev/null; }

install_packages() {
  local by_hand="apt-get install --no-install-recommends ${packages[*]}"
  if [[ ${1-} != --install ]] || ! is_debian || ((EUID != 0)); then
    say "Ceph is not installed. On Debian, as root: $by_hand"
    exit "$missing"
  fi
  # Two test runs may get here at once. dpkg locks in another way (fcntl), so this takes nothing from it.
  exec 9</var/lib/dpkg
  flock 9
  if packages_missing; then
    say "installing ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}"; } >&2; then
      say "could not install Ceph; see above. By hand: $by_hand"
      exit "$missing"
    fi
  fi
  exec 9<&-
}

if packages_missing; then install_packages "$@"; fi

# ---------------------------------------------------------------- daemons ----

data_dir=$(mktemp -d "${TMPDIR:-/tmp}/s3-upload-kit-rgw-XXXXXX")
data_dir=$(cd "$data_dir" && pwd -P)
conf=$data_dir/ceph.conf
log_dir=$data_dir/log
daemons=() # process ids, all children of this shell

# shellcheck disable=SC2317,SC2329 # called by the trap
clean_up() {
  local pid
  trap - EXIT
  trap '' HUP INT TERM
  # Nothing is to be kept, so there is nothing to end in an orderly way.
  for pid in "${daemons[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  { wait; } 2>/dev/null # quietly: it would report each as killed
  rm -rf "$data_dir"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$log_dir" "$data_dir/mon" "$data_dir/osd"

fail() {
  local log
  for log in "$log_dir"/*; do
    [[ -s $log ]] || continue
    say "the end of ${log##*/}:"
    tail -n 12 "$log" >&2
  done
  die "failed: $*"
}

# Run a program that ends, with the log $1.
step() {
  local name=$1
  shift
  timeout "$step_timeout" "$@" -c "$conf" </dev/null >>"$log_dir/$name.out" 2>&1 || fail "$*"
}

# Start a daemon, with the log $1. It dies with this shell, even if that is killed.
start() {
  local name=$1 guard=()
  shift
  if command -v setpriv >/dev/null; then guard=(setpriv --pdeathsig KILL); fi
  "${guard[@]}" "$@" -f -c "$conf" </dev/null >>"$log_dir/$name.out" 2>&1 &
  daemons+=("$!")
}

# Poll until the command $2… succeeds, for as long as the daemon $1 (an index) lives.
await() {
  local daemon=${daemons[$1]} deadline=$((SECONDS + step_timeout))
  shift
  until "$@"; do
    kill -0 "$daemon" 2>/dev/null || fail "a daemon ended while waiting for: $*"
    ((SECONDS < deadline)) || fail "waited $step_timeout s for: $*"
    sleep 0.02
  done
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Whether the gateway answers: an anonymous GET / lists no buckets, with 200. In plain bash, as a minimal Debian has
# no curl.
answers() {
  (
    exec 3<>"/dev/tcp/127.0.0.1/$1"
    printf 'GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
    read -r -t 5 _ status _ <&3
    [[ $status == 200 ]]
  ) 2>/dev/null
}

# A free port below those that Linux hands out by itself (from 32768), other than $1.
free_port() {
  local port
  while :; do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    if [[ $port != "${1-}" ]] && ! port_open "$port"; then break; fi
  done
  printf '%s' "$port"
}

# ---------------------------------------------------------------- cluster ----

port=$(free_port)
mon_port=$(free_port "$port")
osd_port=$((10000 + RANDOM % 9800)) # the first of a range, in which the OSD looks for free ones itself
read -r fsid </proc/sys/kernel/random/uuid
read -r osd_uuid </proc/sys/kernel/random/uuid

cat >"$conf" <<EOF
[global]
fsid = $fsid
mon host = [v2:127.0.0.1:$mon_port/0]
# Not "public bind addr": it moves the monitor to its default ports.
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
ms bind ipv6 = false
ms bind msgr1 = false
ms bind port min = $osd_port
ms bind port max = $((osd_port + 200))

# No cephx, on loopback. Without "crc", radosgw asks for an encrypted connection to the monitor, for which there is
# no key, and hangs for 300 s.
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc

run dir = $data_dir
log file = $log_dir/\$name.log
crash dir = $log_dir
pid file =
admin socket =

# One copy of everything, and one placement group to a pool.
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true

# The monitor holds each change back for up to a second, to batch them. A new cluster makes a dozen in sequence: not
# waiting saves ten seconds.
paxos propose interval = 0.05
paxos min wait = 0.01

# Keep running when the disk is nearly full.
mon data avail warn = 2
mon data avail crit = 1

[mon.a]
mon data = $data_dir/mon

[osd.0]
osd data = $data_dir/osd
osd objectstore = memstore
memstore device bytes = $((8 << 30))
osd memory target = 939524096

[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$port
rgw enable apis = s3, sts, iam, admin
rgw thread pool size = 64
rgw init timeout = $step_timeout
# AssumeRole, for uploads that carry x-amz-security-token. The order keeps the error codes of plain keys
# (SignatureDoesNotMatch rather than AccessDenied).
rgw s3 auth use sts = true
rgw s3 auth order = local, sts
rgw sts key = rgw-test-sts-key
# Free the memory of deleted objects in seconds rather than hours.
rgw gc obj min wait = 5
rgw gc processor period = 10
EOF

monmaptool --create --clobber --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon_port]" "$data_dir/monmap" >/dev/null
step mon.mkfs ceph-mon -i a --mkfs --monmap "$data_dir/monmap"
start mon ceph-mon -i a
await 0 port_open "$mon_port" # a client that comes too early waits for seconds before it tries again
step osd.new ceph osd new "$osd_uuid" 0
step osd.mkfs ceph-osd -i 0 --mkfs --osd-uuid "$osd_uuid"
start osd ceph-osd -i 0
start gateway radosgw -n client.rgw
await 2 answers "$port"

admin() { step admin radosgw-admin -n client.rgw "$@"; }
admin user create --uid rgwtest --display-name Tests --access-key "$access_key" --secret-key "$secret_key"
# A role that this user may assume, with the right to do anything in S3.
admin role create --role-name uploader --path / --assume-role-policy-doc '{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": { "AWS": ["arn:aws:iam:::user/rgwtest"] },
    "Action": ["sts:AssumeRole"]
  }]
}'
admin role-policy put --role-name uploader --policy-name s3 --policy-doc '{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"] }]
}'

printf 'ready http://127.0.0.1:%s\n' "$port"
while read -r _; do :; done
