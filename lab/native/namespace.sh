#!/bin/sh
# The first process of the lab, in network and mount namespaces of its own: sets them up, then only holds them.
# What it mounts and configures ends with the lab's last process; the host never sees it.
# Arguments: state folder, program that waits, node's address, address of the outside's stand-in, range of the Services.
set -eu
state=$1 wait=$2 node=$3 outside=$4 services=$5

# Containers may ask for mounts that propagate; they come as far as this namespace.
mount --make-rshared /
# Kubernetes writes to these by fixed names: here each leads into the lab's own folder.
mount --bind "$state/log" /var/log
mount --bind "$state/kubelet" /var/lib/kubelet
mount --bind "$state/cni" /var/lib/cni
mount -t tmpfs -o mode=0755,nosuid,nodev lab /run
mkdir -p /run/lock

# No way out: the only links are the loopback, this bridge without ports, and the pods'. There is no default route.
ip link set lo up
ip link add node0 type bridge
ip address add "$node/24" dev node0
ip address add "$outside/24" dev node0
ip address add 169.254.169.254/32 dev node0
ip link set node0 up
# So that the node itself may call Services; where they lead is kube-proxy's affair.
ip route add "$services" dev node0
echo 1 > /proc/sys/net/ipv4/ip_forward

touch "$state/run/namespace-ready"
exec "$wait"
