package audit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type log struct {
	t    *testing.T
	path string
	tail *Tail
}

func (l log) append(text string) {
	file, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		l.t.Fatal(err)
	}
	defer file.Close()
	file.WriteString(text)
}

func (l log) expect(want ...string) {
	l.t.Helper()
	var got []string
	if err := l.tail.Poll(func(line []byte) error { got = append(got, string(line)); return nil }); err != nil {
		l.t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		l.t.Errorf("%q, not %q", got, want)
	}
}

func begin(t *testing.T, there string) log {
	l := log{t: t, path: filepath.Join(t.TempDir(), "audit.log")}
	if there != "" {
		l.append(there)
	}
	l.tail = NewTail(l.path)
	t.Cleanup(l.tail.Close)
	return l
}

func TestBeginsAtTheEndOfWhatIsThere(t *testing.T) {
	l := begin(t, "old\n")
	l.expect()
	l.append("new\n")
	l.expect("new")
}

func TestATornLineComesWhole(t *testing.T) {
	l := begin(t, "old\n{\"half")
	l.append("\": 1}\n{\"next")
	l.expect(`{"half": 1}`)
	l.expect()
	l.append("\": 2}\n")
	l.expect(`{"next": 2}`)
}

func TestWaitsForAFileThatIsNotThere(t *testing.T) {
	l := begin(t, "")
	l.expect()
	l.append("first\n")
	l.expect("first")
}

func TestFollowsARotation(t *testing.T) {
	l := begin(t, "old\n")
	l.append("before\n")
	if err := os.Rename(l.path, l.path+".1"); err != nil {
		t.Fatal(err)
	}
	// Between a rename and the new file.
	l.expect("before")
	l.append("after\n")
	l.expect("after")
	// Two lines in the old one, and the new one is there already.
	l.append("last\n")
	os.Rename(l.path, l.path+".2")
	l.append("first\n")
	l.expect("last", "first")
	if l.tail.Lost != 0 {
		t.Error(l.tail.Lost)
	}
}

func TestCountsWhatWasCutAway(t *testing.T) {
	l := begin(t, "")
	l.append("one\ntwo\n")
	l.expect("one", "two")
	os.Truncate(l.path, 0)
	l.append("three\n")
	l.expect("three")
	if l.tail.Lost != 1 {
		t.Error(l.tail.Lost)
	}
}

func TestPassesOverALineThatIsTooLong(t *testing.T) {
	l := begin(t, "")
	l.append(strings.Repeat("x", longest+100_000) + "\nnext\n")
	l.expect("next")
	if l.tail.Lost != 1 {
		t.Error(l.tail.Lost)
	}
}
