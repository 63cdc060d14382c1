package container

import (
	"slices"
	"testing"
)

const (
	uid   = "0f6f5d2c-6a5e-4a0b-9d3e-1f2a3b4c5d6e"
	under = "0f6f5d2c_6a5e_4a0b_9d3e_1f2a3b4c5d6e"
	hash  = "d41d8cd98f00b204e9800998ecf8427e"
	id    = "3b2a1c0d3b2a1c0d3b2a1c0d3b2a1c0d3b2a1c0d3b2a1c0d3b2a1c0d3b2a1c0d"
	other = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
)

func TestIDsOf(t *testing.T) {
	for name, c := range map[string]struct {
		path string
		want []ID
	}{
		"cgroupfs":                 {"/kubepods/burstable/pod" + uid + "/" + id, []ID{{uid, id}}},
		"cgroupfs, guaranteed":     {"/kubepods/pod" + uid + "/" + id, []ID{{uid, id}}},
		"cgroupfs, below a root":   {"/kubesim-lab/kubepods/besteffort/pod" + uid + "/" + id, []ID{{uid, id}}},
		"cgroupfs, CRI-O":          {"/kubepods/burstable/pod" + uid + "/crio-" + id, []ID{{uid, id}}},
		"systemd, containerd":      {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + under + ".slice/cri-containerd-" + id + ".scope", []ID{{uid, id}}},
		"systemd, guaranteed":      {"/kubepods.slice/kubepods-pod" + under + ".slice/cri-containerd-" + id + ".scope", []ID{{uid, id}}},
		"systemd, CRI-O":           {"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + under + ".slice/crio-" + id + ".scope", []ID{{uid, id}}},
		"systemd, CRI-O's inner":   {"/kubepods.slice/kubepods-pod" + under + ".slice/crio-" + id + ".scope/container", []ID{{uid, id}}},
		"systemd, Docker":          {"/kubepods.slice/kubepods-pod" + under + ".slice/docker-" + id + ".scope", []ID{{uid, id}}},
		"systemd, not by runc":     {"/system.slice/containerd.service/kubepods-burstable-pod" + under + ".slice:cri-containerd:" + id, []ID{{uid, id}}},
		"kind":                     {"/docker/" + other + "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" + under + ".slice/cri-containerd-" + id + ".scope", []ID{{uid, id}}},
		"static pod":               {"/kubepods/burstable/pod" + hash + "/" + id, []ID{{hash, id}}},
		"container with systemd":   {"/kubepods/burstable/pod" + uid + "/" + id + "/system.slice/nginx.service", []ID{{uid, id}}},
		"a node that is a pod":     {"/kubepods/pod" + hash + "/" + other + "/kubelet/kubepods/pod" + uid + "/" + id, []ID{{hash, other}, {uid, id}}},
		"the node's own":           {"/system.slice/kubelet.service", nil},
		"CRI-O's monitor":          {"/kubepods.slice/kubepods-pod" + under + ".slice/crio-conmon-" + id + ".scope", nil},
		"a pod without containers": {"/kubepods/burstable/pod" + uid, nil},
		"Docker without a pod":     {"/docker/" + id, nil},
		"root":                     {"/", nil},
	} {
		if got := IDsOf(c.path); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}

func TestPathsIn(t *testing.T) {
	v1 := "9:name=systemd:/kubepods/a\n8:pids:/kubepods/a\n1:cpu,cpuacct:/other:with:colons\n0::/\n"
	if got, want := PathsIn(v1), []string{"/kubepods/a", "/other:with:colons", "/"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestNameIn(t *testing.T) {
	line := "812 790 254:0 /lab/kubelet/pods/" + uid + "/containers/victim/1a2b3c4d /dev/termination-log rw,relatime - ext4 /dev/vda rw\n"
	before := "800 790 0:60 / / rw - overlay overlay rw\n801 800 254:0 /lab/kubelet/pods/" + uid + "/etc-hosts /etc/hosts rw - ext4 /dev/vda rw\n"
	if got := NameIn(before+line, uid); got != "victim" {
		t.Errorf("%q", got)
	}
	if got := NameIn(before, uid); got != "" {
		t.Errorf("%q for a container without", got)
	}
	if got := NameIn(line, hash); got != "" {
		t.Errorf("%q for another pod", got)
	}
	// A mount point may have any name; only the root of what is mounted counts.
	if got := NameIn("812 790 0:5 / /pods/"+uid+"/containers/forged/1a2b3c4d rw - tmpfs x rw\n", uid); got != "" {
		t.Errorf("%q from a mount point", got)
	}
}
