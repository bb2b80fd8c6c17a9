#!/usr/bin/env bash
# Builds the Dockerfile for real on a machine without a Docker engine: buildah runs every step in a chroot. Prints the
# image's configuration as JSON, with the folder of a container's root in `MountPoint`.
#
# usage: build.sh [STORAGE]. The stand-in stays in STORAGE for the next time; the image is built each time. Needs root;
# and STORAGE_DRIVER=vfs, slower, where there is no overlayfs.
set -euo pipefail
cd "$(dirname "$0")/../.."

storage=${1:-/var/tmp/chat-api-containers}
base=$(sed -n 's/^FROM \(node:[^ ]*\).*/\1/p' Dockerfile)
mkdir -p "$storage"
buildah() {
  BUILDAH_ISOLATION=chroot command buildah --storage-driver "${STORAGE_DRIVER:-overlay}" \
    --root "$storage/images" --runroot "$storage/run" "$@"
}

stand_in() {
  local root=$storage/stand-in
  rm -rf "$root"
  debootstrap --variant=minbase bookworm "$root"
  cp node_modules/node/bin/node "$root/usr/local/bin/"
  mkdir -p "$root/usr/local/lib/node_modules"
  cp -r "$(npm root --global)/npm" "$root/usr/local/lib/node_modules/"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  chroot "$root" groupadd --gid 1000 node
  chroot "$root" useradd --uid 1000 --gid node --create-home node

  # npm finds its registry there as it does on this machine.
  local registry cafile
  registry=$(npm config get registry)
  cafile=$(npm config get cafile)
  mkdir -p "$root/usr/local/etc"
  echo "registry=$registry" >"$root/usr/local/etc/npmrc"
  if [ "$cafile" != null ] && [ -n "$cafile" ]; then
    install -D -m 0644 "$cafile" "$root/usr/local/etc/ca.pem"
    echo 'cafile=/usr/local/etc/ca.pem' >>"$root/usr/local/etc/npmrc"
  fi

  printf 'FROM scratch\nCOPY . /\nCMD ["node"]\n' >"$storage/stand-in.Dockerfile"
  buildah bud -q -f "$storage/stand-in.Dockerfile" -t "docker.io/library/$base" "$root"
  rm -rf "$root"
}

{
  echo "*** STOOD IN FOR: $base is a debootstrap'ed Debian bookworm with the Node and npm of this machine. ***"
  buildah inspect --type image "docker.io/library/$base" >/dev/null 2>&1 || stand_in
  buildah bud --pull-never --format docker -t chat-api .
  # Also what the build itself and the last run left.
  buildah rm --all >/dev/null
  buildah from --pull-never --name chat-api localhost/chat-api
  buildah mount chat-api
  buildah rmi --prune >/dev/null
} >&2
buildah inspect chat-api
