#!/bin/sh
# Runs a program that builds images in a mount namespace of its own: its mounts end with it, however it ends, and what
# it writes to the host's folders for all containers stays in the folder that is the first argument. The rest is the program.
set -eu
scratch=$(mktemp -d -p "$1")
shift
for folder in /etc /var/lib; do
  # What is built must not lie in one of these layers.
  case "$scratch" in "$folder"/*) continue ;; esac
  layer=$scratch$folder
  mkdir -p "$layer/new" "$layer/work"
  # Where the file system has no layers, the program only leaves some empty folders more.
  mount -t overlay -o "lowerdir=$folder,upperdir=$layer/new,workdir=$layer/work" overlay "$folder" 2>/dev/null || true
done
exec "$@"
