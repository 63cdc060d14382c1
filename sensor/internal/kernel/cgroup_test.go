package kernel

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Where a hierarchy is mounted; empty where it is not.
func mountOf(t *testing.T, filesystem, option string) string {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(mounts), "\n") {
		fields := strings.Fields(line)
		if len(fields) > 3 && fields[2] == filesystem && (option == "" || strings.Contains(","+fields[3]+",", ","+option+",")) {
			return fields[1]
		}
	}
	return ""
}

// The same programs on cgroup v1 and v2: a machine that has both shows both.
func TestTellsCgroupsByTheirPath(t *testing.T) {
	v1, err := cgroupHierarchy()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		mount     string
		hierarchy int32
	}{"v1": {mountOf(t, "cgroup", "pids"), v1}, "v2": {mountOf(t, "cgroup2", ""), -1}} {
		t.Run(name, func(t *testing.T) {
			if os.Geteuid() != 0 || c.mount == "" || (name == "v1" && v1 < 0) {
				t.Skip("this machine has no cgroup " + name + ", or no root")
			}
			outer := filepath.Join(c.mount, "kubesim-sensor-test-"+strconv.Itoa(os.Getpid()))
			folder := filepath.Join(outer, "inner")
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			defer os.Remove(outer)
			defer os.Remove(folder)
			p, err := load(nil, nil, c.hierarchy)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if _, err := p.Attach(); err != nil {
				t.Fatal(err)
			}
			script := `echo $$ > "$0/cgroup.procs"; exec /bin/true inside`
			if out, err := exec.Command("/bin/sh", "-c", script, folder).CombinedOutput(); err != nil {
				t.Fatal(err, string(out))
			}
			announced := until(t, p, func(e Event) bool { return e.Kind == Cgroup && strings.HasSuffix(e.Path, "/inner") })
			if want := strings.TrimPrefix(folder, c.mount); announced.Path != want {
				t.Errorf("%q, not %q", announced.Path, want)
			}
			inside := until(t, p, func(e Event) bool { return e.Kind == Exec && len(e.Args) == 2 && e.Args[1] == "inside" })
			if inside.Cgroup != announced.Cgroup || inside.ParentCgroup == inside.Cgroup {
				t.Errorf("%d in %d of %d", inside.PID, inside.Cgroup, inside.ParentCgroup)
			}
		})
	}
}

func TestReadsWhichControllersAreOfV1(t *testing.T) {
	head := "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
	for table, want := range map[string]string{
		head + "memory\t4\t10\t1\npids\t9\t10\t1\n": "pids",
		head + "memory\t4\t10\t1\npids\t0\t10\t1\n": "memory",
		head + "memory\t0\t10\t1\npids\t0\t10\t1\n": "",
		"": "",
	} {
		if got := controllerOf(table); got != want {
			t.Errorf("%q: %q", table, got)
		}
	}
}
