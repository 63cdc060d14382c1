package kernel

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A probe that tells about the test's own cgroup, which is in no pod; skipped where this machine gives no right to load programs.
func probe(t *testing.T) *Probe {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("not root: no program can be loaded")
	}
	p, err := Load([]string{"watched.txt"}, []string{"watched-folder"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	missing, err := p.Attach()
	if err != nil || len(missing) > 0 {
		t.Fatal(err, missing)
	}
	return p
}

// until reads events until one is wanted, for five seconds at most.
func until(t *testing.T, p *Probe, wanted func(Event) bool) Event {
	t.Helper()
	p.SetDeadline(time.Now().Add(5 * time.Second))
	for {
		event, err := p.Read()
		if err != nil {
			t.Fatal("not told: ", err)
		}
		if wanted(event) {
			return event
		}
	}
}

func TestTellsProgramsWithExactArguments(t *testing.T) {
	p := probe(t)
	arguments := []string{"a b", "", "new\nline", `{"type":"process"}`, "\xff\xfe", "last", ""}
	command := exec.Command("/bin/true", arguments...)
	if err := command.Run(); err != nil {
		t.Fatal(err)
	}
	pid := uint32(command.Process.Pid)
	fork := until(t, p, func(e Event) bool { return e.Kind == Fork && e.PID == pid })
	if fork.PPID != uint32(os.Getpid()) {
		t.Errorf("forked by %d", fork.PPID)
	}
	event := until(t, p, func(e Event) bool { return e.Kind == Exec && e.PID == pid })
	if got, want := strings.Join(event.Args, "\x00"), "/bin/true\x00"+strings.Join(arguments, "\x00"); got != want || event.ArgsCut {
		t.Errorf("%q", event.Args)
	}
	real, _ := filepath.EvalSymlinks("/bin/true")
	if event.Path != real || event.PathCut || event.UID != 0 || !event.SharesMounts {
		t.Errorf("%+v", event)
	}
	if event.Layer == Written || event.Layer == Memory {
		t.Errorf("layer %v", event.Layer)
	}
	until(t, p, func(e Event) bool { return e.Kind == Exit && e.PID == pid })
}

func TestMarksArgumentsThatAreTooLong(t *testing.T) {
	p := probe(t)
	command := exec.Command("/bin/true", strings.Repeat("x", 20_000))
	if err := command.Run(); err != nil {
		t.Fatal(err)
	}
	event := until(t, p, func(e Event) bool { return e.Kind == Exec && e.PID == uint32(command.Process.Pid) })
	if !event.ArgsCut || len(event.Args) != 2 || len(event.Args[1]) < 8000 {
		t.Errorf("%v, %d arguments", event.ArgsCut, len(event.Args))
	}
}

func TestTellsNothingOfAProgramThatIsNotThere(t *testing.T) {
	p := probe(t)
	if err := exec.Command("/nonexistent/program").Run(); err == nil {
		t.Fatal("it ran")
	}
	marker := exec.Command("/bin/true", "marker")
	if err := marker.Run(); err != nil {
		t.Fatal(err)
	}
	until(t, p, func(e Event) bool {
		if e.Kind == Exec && strings.Contains(e.Path, "nonexistent") {
			t.Errorf("%+v", e)
		}
		return e.Kind == Exec && len(e.Args) == 2 && e.Args[1] == "marker"
	})
}

func TestTellsWatchedFilesByTheirRealPath(t *testing.T) {
	p := probe(t)
	folder, _ := filepath.EvalSymlinks(t.TempDir())
	file := filepath.Join(folder, "watched.txt")
	inside := filepath.Join(folder, "watched-folder", "deep", "any")
	if err := os.MkdirAll(filepath.Dir(inside), 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(link); !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, path := range []string{link, filepath.Join(folder, "other.txt"), inside} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.ReadFile(link); err != nil {
		t.Fatal(err)
	}
	mine := func(e Event) bool { return e.Kind == Open && e.PID == uint32(os.Getpid()) }
	for i, want := range []struct {
		path  string
		write bool
	}{{file, true}, {inside, true}, {file, false}} {
		// What failed, and what nobody watches, is not between them.
		if event := until(t, p, mine); event.Path != want.path || event.Write != want.write {
			t.Errorf("%d: %+v", i, event)
		}
	}
}

func TestIgnoresAJudgedCgroup(t *testing.T) {
	p := probe(t)
	if err := exec.Command("/bin/true", "first").Run(); err != nil {
		t.Fatal(err)
	}
	announced := until(t, p, func(e Event) bool { return e.Kind == Cgroup })
	if !strings.HasPrefix(announced.Path, "/") {
		t.Errorf("%q", announced.Path)
	}
	first := until(t, p, func(e Event) bool { return e.Kind == Exec && len(e.Args) == 2 && e.Args[1] == "first" })
	if err := p.Judge(first.Cgroup, Ignored); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("/bin/true", "second").Run(); err != nil {
		t.Fatal(err)
	}
	if err := p.Judge(first.Cgroup, Observed); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("/bin/true", "third").Run(); err != nil {
		t.Fatal(err)
	}
	until(t, p, func(e Event) bool {
		if e.Kind == Exec && len(e.Args) == 2 && e.Args[1] == "second" {
			t.Error("told of an ignored cgroup")
		}
		return e.Kind == Exec && len(e.Args) == 2 && e.Args[1] == "third"
	})
}
