// Package container reads which container of which pod a cgroup is, from its path and from what the kubelet mounts.
package container

import (
	"regexp"
	"strings"
)

// ID is a container as its cgroup names it.
type ID struct {
	// The pod's UID, or for a static pod the hash of its manifest.
	PodUID string
	// Without the runtime's prefix.
	Container string
}

// A pod's cgroup and a container's below it, by kubelet's cgroupfs and systemd drivers with containerd, CRI-O and Docker:
// kubepods/burstable/podUID/ID, kubepods-burstable-podU_I_D.slice/cri-containerd-ID.scope, .../podUID/crio-ID, ...slice:cri-containerd:ID.
var inPod = regexp.MustCompile(`(?:^|[/-])pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?` +
	`(?:/(?:cri-containerd-|crio-|docker-)?|:cri-containerd:)([0-9a-f]{64})(?:\.scope)?(?:/|$)`)

// IDsOf are the containers that a cgroup's path names, the outermost first: none for a process of the node's own, several where a
// node is itself a pod, or where a container with that right has made a cgroup that looks like another's.
func IDsOf(path string) []ID {
	var found []ID
	for rest := path; ; {
		at := inPod.FindStringSubmatchIndex(rest)
		if at == nil {
			return found
		}
		found = append(found, ID{
			PodUID:    strings.ReplaceAll(rest[at[2]:at[3]], "_", "-"),
			Container: rest[at[4]:at[5]],
		})
		rest = rest[at[5]:]
	}
}

// PathsIn are the paths of /proc/PID/cgroup, each hierarchy's once.
func PathsIn(text string) []string {
	var paths []string
	seen := map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		// hierarchy:controllers:path; a path may contain colons.
		fields := strings.SplitN(line, ":", 3)
		if len(fields) == 3 && !seen[fields[2]] {
			seen[fields[2]] = true
			paths = append(paths, fields[2])
		}
	}
	return paths
}

// The kubelet mounts a file of this folder as the container's termination log, /dev/termination-log where the pod says nothing else.
var terminationLog = regexp.MustCompile(`/pods/([0-9a-f-]{32,36})/containers/([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)/[0-9a-f]+$`)

// NameIn is the container's name in the pod, from the /proc/PID/mountinfo of one of its processes; empty where it does not tell.
func NameIn(mountinfo, podUID string) string {
	for _, line := range strings.Split(mountinfo, "\n") {
		// id, parent, device, root in the mounted file system, mount point, ...
		fields := strings.SplitN(line, " ", 6)
		if len(fields) < 6 {
			continue
		}
		if found := terminationLog.FindStringSubmatch(fields[3]); found != nil && found[1] == podUID {
			return found[2]
		}
	}
	return ""
}
