package kernel

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/cilium/ebpf/btf"
)

// pidNamespace is that of the processes in /proc: the host's where the pod says hostPID.
func pidNamespace() (uint32, error) {
	info, err := os.Stat("/proc/self/ns/pid")
	if err != nil {
		return 0, fmt.Errorf("/proc: %w", err)
	}
	return uint32(info.Sys().(*syscall.Stat_t).Ino), nil
}

// cgroupHierarchy is the index of the cgroup v1 controller that tells containers apart, -1 with cgroup v2.
func cgroupHierarchy() (int32, error) {
	table, err := os.ReadFile("/proc/cgroups")
	if errors.Is(err, os.ErrNotExist) {
		return -1, nil
	}
	if err != nil {
		return 0, err
	}
	controller := controllerOf(string(table))
	if controller == "" {
		return -1, nil
	}
	spec, err := btf.LoadKernelSpec()
	if err != nil {
		return 0, fmt.Errorf("this kernel has no BTF: %w", err)
	}
	var ids *btf.Enum
	if err := spec.TypeByName("cgroup_subsys_id", &ids); err != nil {
		return 0, err
	}
	for _, value := range ids.Values {
		if value.Name == controller+"_cgrp_id" {
			return int32(value.Value), nil
		}
	}
	return 0, fmt.Errorf("this kernel does not know the controller %s", controller)
}

// controllerOf reads /proc/cgroups: a controller with a hierarchy of its own number is one of v1.
func controllerOf(table string) string {
	for _, wanted := range []string{"pids", "memory", "cpuset"} {
		for _, line := range strings.Split(table, "\n") {
			fields := strings.Fields(line)
			if len(fields) == 4 && fields[0] == wanted && fields[1] != "0" {
				return wanted
			}
		}
	}
	return ""
}

// Release is the kernel's version, as uname has it.
func Release() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(release))
}
