package kernel

//go:generate go tool bpf2go -go-package kernel -target amd64,arm64 -type event -cflags "-O2 -g -Wall -Werror -idirafter /usr/include/x86_64-linux-gnu -idirafter /usr/include/aarch64-linux-gnu" sensor bpf/sensor.bpf.c
