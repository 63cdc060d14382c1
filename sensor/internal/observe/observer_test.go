package observe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubesim/kubesim/sensor/internal/kernel"
	"github.com/kubesim/kubesim/sensor/internal/pods"
	"github.com/kubesim/kubesim/sensor/internal/record"
)

const (
	uid  = "0f6f5d2c-6a5e-4a0b-9d3e-1f2a3b4c5d6e"
	id   = "3b2a1c0d3b2a1c0d3b2a1c0d3b2a1c0d3b2a1c0d3b2a1c0d3b2a1c0d3b2a1c0d"
	path = "/kubepods/burstable/pod" + uid + "/" + id
	// Cgroups of the container, and of its runtime.
	inside, outside = 7, 8
)

var start = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

type verdicts map[uint64]kernel.Verdict

func (v verdicts) Judge(cgroup uint64, verdict kernel.Verdict) error { v[cgroup] = verdict; return nil }
func (v verdicts) Forget(cgroup uint64) error                        { delete(v, cgroup); return nil }

type stage struct {
	*Observer
	t    *testing.T
	out  bytes.Buffer
	told verdicts
	now  time.Time
	boot uint64
}

func newStage(t *testing.T, all bool) *stage {
	s := &stage{t: t, told: verdicts{}, now: start}
	s.Observer = &Observer{
		Node: "node", Directory: pods.New(all), Kernel: s.told, Writer: record.NewWriter(&s.out), Proc: t.TempDir(),
		Clock: func(sinceBoot uint64) time.Time { return start.Add(time.Duration(sinceBoot)) },
	}
	s.Init()
	return s
}

func (s *stage) pod(containers ...string) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "victim", Namespace: "sim-abc", UID: uid}}
	for _, name := range containers {
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{Name: name, ContainerID: "containerd://" + id})
	}
	s.Directory.SetPod(pod)
}

func (s *stage) take(event kernel.Event) {
	s.boot += 1000
	event.Time = s.boot
	if event.Cgroup == 0 {
		event.Cgroup = inside
	}
	if err := s.Take(event, s.now); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) announce() { s.take(kernel.Event{Kind: kernel.Cgroup, Path: path}) }

func (s *stage) exec(pid, ppid uint32, executable string, args ...string) {
	s.take(kernel.Event{Kind: kernel.Exec, PID: pid, PPID: ppid, Path: executable, Args: args, ParentCgroup: inside, SharesMounts: true, Layer: kernel.Image})
}

// The first program of a container: its parent is the runtime.
func (s *stage) first(pid uint32, executable string) {
	s.take(kernel.Event{Kind: kernel.Exec, PID: pid, PPID: 1, Path: executable, Args: []string{executable}, ParentCgroup: outside, Layer: kernel.Image})
}

type line struct {
	Type      string           `json:"type"`
	Time      time.Time        `json:"time"`
	Where     record.Where     `json:"where"`
	Process   record.Process   `json:"process"`
	Ancestors []record.Process `json:"ancestors"`
	Drift     bool             `json:"drift"`
	Path      string           `json:"path"`
	Access    string           `json:"access"`
	Address   string           `json:"address"`
}

func (s *stage) lines() []line {
	s.t.Helper()
	s.Writer.Flush()
	var lines []line
	for decoder := json.NewDecoder(&s.out); decoder.More(); {
		var one line
		if err := decoder.Decode(&one); err != nil {
			s.t.Fatal(err)
		}
		lines = append(lines, one)
	}
	return lines
}

func TestTellsPodContainerAndAncestors(t *testing.T) {
	s := newStage(t, true)
	s.pod("web")
	s.announce()
	s.first(10, "/php-fpm")
	s.take(kernel.Event{Kind: kernel.Fork, PID: 11, PPID: 10})
	s.exec(11, 10, "/bin/sh", "sh", "-c", "./xmrig")
	s.take(kernel.Event{Kind: kernel.Fork, PID: 12, PPID: 11})
	s.exec(12, 11, "/simulation/xmrig", "./xmrig")
	s.take(kernel.Event{Kind: kernel.Exit, PID: 12})
	lines := s.lines()
	if len(lines) != 3 || s.told[inside] != kernel.Observed {
		t.Fatal(lines, s.told)
	}
	last := lines[2]
	if last.Where != (record.Where{Node: "node", Namespace: "sim-abc", Pod: "victim", PodUID: uid, Container: "web", ContainerID: id}) {
		t.Errorf("%+v", last.Where)
	}
	if got := fmt.Sprint(last.Process.Executable, last.Ancestors[0].Arguments, last.Ancestors[1].Executable, len(last.Ancestors)); got != "/simulation/xmrig[sh -c ./xmrig]/php-fpm2" {
		t.Error(got)
	}
	if !last.Time.Equal(start.Add(6000)) {
		t.Error(last.Time)
	}
}

func TestWaitsForAPodThatTheAPIServerTellsLater(t *testing.T) {
	s := newStage(t, true)
	// Another processor may be faster than the one that announces.
	s.first(10, "/init")
	s.announce()
	if lines := s.lines(); len(lines) != 0 || s.told[inside] != kernel.Unknown {
		t.Fatal(lines, s.told)
	}
	if got := s.Complete(s.now.Add(time.Second)); !got.Equal(start.Add(1000)) {
		t.Error(got)
	}
	s.pod("web")
	s.Reconsider(s.now)
	if lines := s.lines(); len(lines) != 1 || lines[0].Where.Container != "web" {
		t.Fatal(lines)
	}
	if got := s.Complete(s.now); !got.Equal(s.now) {
		t.Error(got)
	}
}

func TestTellsNothingOfOtherNamespacesAndOfTheNode(t *testing.T) {
	s := newStage(t, false)
	s.pod("web")
	s.announce()
	s.first(10, "/init")
	s.take(kernel.Event{Kind: kernel.Cgroup, Cgroup: outside, Path: "/system.slice/kubelet.service"})
	if lines := s.lines(); len(lines) != 0 || s.told[inside] != kernel.Ignored || s.told[outside] != kernel.Ignored {
		t.Fatal(lines, s.told)
	}
	// Its namespace is labelled later.
	s.Directory.All = true
	s.Reconsider(s.now)
	s.exec(11, 10, "/bin/ls")
	if lines := s.lines(); len(lines) != 1 || s.told[inside] != kernel.Observed {
		t.Fatal(lines, s.told)
	}
	s.Directory.All = false
	s.Reconsider(s.now)
	s.exec(12, 10, "/bin/ls")
	if lines := s.lines(); len(lines) != 0 || s.told[inside] != kernel.Ignored {
		t.Fatal(lines, s.told)
	}
}

func TestReadsTheContainersNameFromItsMounts(t *testing.T) {
	s := newStage(t, true)
	s.pod()
	folder := filepath.Join(s.Proc, "10")
	os.MkdirAll(folder, 0o755)
	os.WriteFile(filepath.Join(folder, "mountinfo"), []byte("1 2 3:4 /x/pods/"+uid+"/containers/second/0a1b2c3d /dev/termination-log rw - ext4 x rw\n"), 0o644)
	s.announce()
	s.first(10, "/init")
	if lines := s.lines(); len(lines) != 1 || lines[0].Where.Container != "second" {
		t.Fatal(lines)
	}
}

// A process that lived for milliseconds, in a container that the kubelet has not told of yet.
func TestWaitsForTheContainersName(t *testing.T) {
	s := newStage(t, true)
	s.pod()
	s.announce()
	s.first(10, "/init")
	s.exec(11, 10, "/bin/ls")
	if lines := s.lines(); len(lines) != 0 {
		t.Fatal(lines)
	}
	s.now = s.now.Add(time.Second)
	s.Tick(s.now)
	s.pod("web")
	s.Reconsider(s.now)
	if lines := s.lines(); len(lines) != 2 || lines[0].Where.Container != "web" || lines[0].Process.PID != 10 {
		t.Fatal(lines)
	}
}

func TestTellsWithoutANameInTheEnd(t *testing.T) {
	s := newStage(t, true)
	s.pod()
	s.announce()
	s.first(10, "/pause")
	s.now = s.now.Add(namePatience + 1)
	s.Tick(s.now)
	if lines := s.lines(); len(lines) != 1 || lines[0].Where.Container != "" || lines[0].Where.Pod != "victim" {
		t.Fatal(lines)
	}
}

func TestLeavesOutTheRuntime(t *testing.T) {
	s := newStage(t, true)
	s.pod("web")
	s.announce()
	s.take(kernel.Event{Kind: kernel.Exec, PID: 10, PPID: 1, Path: "/usr/sbin/runc", Args: []string{"runc", "init"}, ParentCgroup: outside, SharesMounts: true})
	s.first(10, "/init")
	if lines := s.lines(); len(lines) != 1 || lines[0].Process.Executable != "/init" {
		t.Fatal(lines)
	}
}

// Its forks in the container's cgroup, and what a look at /proc finds of them, began nothing that is of the container.
func TestTheRuntimeIsNoAncestor(t *testing.T) {
	s := newStage(t, true)
	s.pod("web")
	s.announce()
	s.take(kernel.Event{Kind: kernel.Fork, PID: 9, PPID: 8})
	s.take(kernel.Event{Kind: kernel.Fork, PID: 10, PPID: 9})
	s.first(10, "/init")
	if lines := s.lines(); len(lines) != 1 || len(lines[0].Ancestors) != 0 {
		t.Fatal(lines)
	}
}

func TestDrift(t *testing.T) {
	s := newStage(t, true)
	s.pod("web")
	s.announce()
	s.first(10, "/init")
	began := s.Clock(s.boot).UnixNano()
	for _, c := range []struct {
		layer   kernel.Layer
		changed int64
		want    bool
	}{
		{kernel.Image, began + 1e9, false}, {kernel.Written, 0, true}, {kernel.Memory, 0, true},
		{kernel.Volume, began - 1e9, false}, {kernel.Volume, began + 1e9, true},
	} {
		s.lines()
		s.take(kernel.Event{Kind: kernel.Exec, PID: 20, PPID: 10, Path: "/x", ParentCgroup: inside, SharesMounts: true, Layer: c.layer, Changed: c.changed})
		if lines := s.lines(); len(lines) != 1 || lines[0].Drift != c.want {
			t.Errorf("%+v: %+v", c, lines)
		}
	}
}

func TestTellsFilesByWhoOpenedThem(t *testing.T) {
	s := newStage(t, true)
	s.pod("web")
	s.announce()
	s.first(10, "/init")
	s.lines()
	for _, path := range []string{"/run/secrets/kubernetes.io/serviceaccount/..2026_11_25_02_49_25.1/token", "/srv/token"} {
		s.take(kernel.Event{Kind: kernel.Open, PID: 10, PPID: 1, Path: path, ParentCgroup: outside})
	}
	lines := s.lines()
	if len(lines) != 1 || lines[0].Type != "file" || lines[0].Access != "read" || lines[0].Process.Executable != "/init" ||
		lines[0].Path != "/var/run/secrets/kubernetes.io/serviceaccount/token" {
		t.Fatal(lines)
	}
}

// An address that could not be read is one that is not told.
func TestCountsWhatItCannotTell(t *testing.T) {
	s := newStage(t, true)
	s.pod("web")
	s.announce()
	s.first(10, "/init")
	s.take(kernel.Event{Kind: kernel.Connect, PID: 10, PPID: 1, ParentCgroup: outside})
	if s.Lost != 1 || s.Seen != 3 {
		t.Error(s.Lost, s.Seen)
	}
	// Nobody has said what cgroup this is.
	s.take(kernel.Event{Kind: kernel.Exec, Cgroup: 99, PID: 30, Path: "/x"})
	s.now = s.now.Add(podPatience + 1)
	s.Tick(s.now)
	if s.Lost != 2 {
		t.Error(s.Lost)
	}
}
